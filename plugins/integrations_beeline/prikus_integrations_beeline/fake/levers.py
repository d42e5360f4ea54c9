"""What people and tests let the exchange do: buttons of the control page, and finer levers for our own tests."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Litestar, Response, get, post
from litestar.datastructures import State

from prikus_integrations_beeline.fake.events import BOMB, bare_event
from prikus_integrations_beeline.fake.exchange import Exchange, Exchanges, Faults, Subscribed
from prikus_integrations_beeline.fake.portal import PORTAL, Ask, doorkeeper, exchange_of
from prikus_integrations_beeline.fake.scenarios import CLIENT, SCENARIOS

CALL = {"account": "", "client": CLIENT, "first": "", "seconds": "20"}
WRONG_WAYS = {
    "doubled": ("Каждое событие дважды", "missed", {"is_doubled": True}),
    "shuffled": ("События в другом порядке", "answered", {"is_shuffled": True}),
    "late": ("Событий нет, звонок знает только статистика", "missed", {"is_silent": True}),
}
"""Titles, what is played, and what goes wrong with its events."""
RAW = {"unknown": "Неизвестное событие", "cut": "Обрывок события", "foreign": "Событие чужой подписки"}


def build() -> Litestar:
    """Made anew, with all exchanges forgotten."""
    exchanges = Exchanges()
    for id, (title, _) in SCENARIOS.items():
        _add_call(exchanges, id, title, id, {})
    for id, (title, scenario, faults) in WRONG_WAYS.items():
        _add_call(exchanges, id, title, scenario, faults)
    for id, title in RAW.items():
        _add_raw(exchanges, id, title)

    @exchanges.control.scenario("forgotten", "Забыть подписку", account="")
    async def forget(account: str) -> None:
        exchanges.of(account).subscriptions.clear()

    return exchanges.control.around(
        [*PORTAL, *LEVERS], middleware=[doorkeeper], state=State({"exchanges": exchanges}), pdb_on_exception=False
    )


def _add_call(exchanges: Exchanges, id: str, title: str, scenario: str, wrong: dict[str, Any]) -> None:
    @exchanges.control.scenario(id, title, **CALL)
    async def play(account: str, client: str, first: str, seconds: str) -> str:
        exchange = exchanges.of(account)
        faults = msgspec.structs.replace(exchange.faults, **wrong)
        return await exchange.play(scenario, client, first=first, seconds=float(seconds or 0), faults=faults)


def _add_raw(exchanges: Exchanges, id: str, title: str) -> None:
    @exchanges.control.scenario(id, title, account="")
    async def send(account: str) -> str:
        return f"ответы {await _send(exchanges.of(account), id)}"


async def _send(exchange: Exchange, what: str) -> list[int]:
    return [await exchange.post(one.url, _wrong(what, one)) for one in list(exchange.subscriptions.values())]


def _wrong(what: str, one: Subscribed) -> bytes:
    one.sequence += 1
    _, text = bare_event("HookStatusEvent", one.subscription_id, one.sequence)
    return {
        "bomb": BOMB.encode(),
        "cut": text[: len(text) // 2],
        "foreign": bare_event("HookStatusEvent", "99999999-0000-4000-8000-000000000000", 1)[1],
        "unknown": bare_event("TeleportEvent", one.subscription_id, one.sequence)[1],
        "large": text + b" " * 70_000,
    }[what]


class Raw(msgspec.Struct):
    """An event that is not right: `what` is bomb, cut, foreign, unknown or large."""

    what: str


class Staff(msgspec.Struct):
    count: int


@post("/_control/{token:str}/faults", status_code=200)
async def set_faults(request: Ask, token: str, data: Faults) -> Response[Any]:
    exchange_of(request, token).faults = data
    return Response(data)


@post("/_control/{token:str}/people", status_code=200)
async def employ(request: Ask, token: str, data: Staff) -> Response[Any]:
    exchange_of(request, token).employ(data.count)
    return Response(None, status_code=204)


@post("/_control/{token:str}/advance/{seconds:int}", status_code=200)
async def advance(request: Ask, token: str, seconds: int) -> Response[Any]:
    await exchange_of(request, token).advance(seconds)
    return Response(None, status_code=204)


@post("/_control/{token:str}/send", status_code=200)
async def send_raw(request: Ask, token: str, data: Raw) -> Response[Any]:
    return Response({"statuses": await _send(exchange_of(request, token), data.what)})


@get("/_control/{token:str}")
async def state(request: Ask, token: str) -> Response[Any]:
    exchange = exchange_of(request, token)
    subscriptions = [msgspec.to_builtins(one) for one in exchange.subscriptions.values()]
    told = {"subscriptions": subscriptions, "rows": len(exchange.rows), "records": len(exchange.records)}
    return Response({**told, "log": exchange.log})


LEVERS = [set_faults, employ, advance, send_raw, state]
