"""What the exchange answers at its portal."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from litestar import Request, Response, delete, get, post, put
from litestar.types import ASGIApp, Receive, Scope, Send

from prikus_integrations_beeline.fake.exchange import Exchange, Faults
from prikus_integrations_beeline.fake.scenarios import RING, TALK, Abonent

HOST = "cloudpbx.beeline.ru"
TOKEN = "00000000-0000-4000-8000-000000000001"
VALID = "00000000-0000-4000-8000-"
BASE = "/apis/portal"
MOST = 100
SOUND = b"ID3\x03\x00\x00\x00\x00\x00\x00" + (b"\xff\xfb\x10\xc4" + bytes(100)) * 115
"""Three seconds of silence in frames of MPEG 1 layer 3."""
OF_DEMO = "demo-"
"""Recordings of the demo's invented calls are there without having been made."""
Ask = Request[Any, Any, Any]


def said(status: int, code: str, words: str) -> Response[Any]:
    return Response({"errorCode": code, "description": words}, status_code=status)


def doorkeeper(app: ASGIApp) -> ASGIApp:
    """Refuses unknown tokens, and what the faults say."""

    async def keep(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["type"] != "http" or not path.startswith(BASE):
            return await app(scope, receive, send)
        token = dict(scope["headers"]).get(b"x-mpbx-api-auth-token", b"").decode("latin-1")
        if not token.startswith(VALID):
            refusal = Response("<html>401</html>", status_code=401, media_type="text/html")
            if not token.endswith("html"):
                refusal = said(401, "UNAUTHORIZED", "Token is not valid")
            return await _answer(refusal, scope, receive, send)
        exchange = exchange_of(Request(scope), token)
        faults, asked = exchange.faults, f"{scope['method']} {path.removeprefix(BASE)}"
        exchange.log.append({"asked": asked, "query": scope["query_string"].decode()})
        await asyncio.sleep(faults.slow)
        if faults.hits(scope["method"], path.removeprefix(BASE)):
            return await _answer(_fault(faults), scope, receive, send)
        await app(scope, receive, send)

    return keep


def _fault(faults: Faults) -> Response[Any]:
    headers = {"Retry-After": str(faults.retry_after)} if faults.retry_after else {}
    if faults.is_html:
        return Response("<h1>Bad Gateway</h1>", status_code=faults.status, media_type="text/html", headers=headers)
    return Response({"errorCode": "FAULT", "description": "…"}, status_code=faults.status, headers=headers)


async def _answer(response: Response[Any], scope: Scope, receive: Receive, send: Send) -> None:
    await response.to_asgi_response(None, Request(scope))(scope, receive, send)


def exchange_of(request: Ask, token: str) -> Exchange:
    return request.app.state.exchanges.of(token)


def _mine(request: Ask) -> Exchange:
    return exchange_of(request, request.headers["x-mpbx-api-auth-token"])


def _person(exchange: Exchange, pattern: str) -> Abonent | None:
    return next((one for one in exchange.people if pattern in (one.user_id, one.phone, one.extension)), None)


@get(f"{BASE}/abonents")
async def abonents(request: Ask) -> Response[Any]:
    exchange = _mine(request)
    return Response([exchange.abonent(one) for one in exchange.people])


@get(f"{BASE}/numbers")
async def numbers() -> Response[Any]:
    return Response([{"numberId": "1", "phone": "4951234567"}])


@post(f"{BASE}/abonents/{{pattern:str}}/call", status_code=200)
async def call(request: Ask, pattern: str, phone_number: str = "") -> Response[Any]:
    exchange, number = _mine(request), request.query_params.get("phoneNumber", "")
    if (who := _person(exchange, pattern)) is None:
        return said(404, "ABONENT_NOT_FOUND", pattern)
    if len(number) != 10 or not number.isdecimal():
        return said(400, "BAD_NUMBER", number)
    exchange.control.did(f"звонок {who.extension} → +7{number}")
    tracking = await exchange.play("click_to_dial", f"+7{number}", first=who.extension, seconds=RING + TALK)
    return Response(tracking)


@put(f"{BASE}/subscription")
async def subscribe(request: Ask) -> Response[Any]:
    wanted = await request.json()
    made = _mine(request).subscribe(wanted["url"], int(wanted["expires"]))
    granted = round(made.expires_at - _mine(request).now)
    return Response({"subscriptionId": made.subscription_id, "expires": granted})


@get(f"{BASE}/subscription")
async def subscription(request: Ask) -> Response[Any]:
    exchange = _mine(request)
    found = exchange.subscriptions.get(request.query_params.get("subscriptionId", ""))
    if found is None or found.expires_at <= exchange.now:
        return said(404, "SUBSCRIPTION_NOT_FOUND", "")
    told = {"targetType": "GROUP", "targetId": "MPBX_1", "subscriptionType": "ADVANCED_CALL"}
    left = round(found.expires_at - exchange.now)
    return Response({"subscriptionId": found.subscription_id, "expires": left, "url": found.url, **told})


@delete(f"{BASE}/subscription", status_code=200)
async def unsubscribe(request: Ask) -> Response[Any]:
    found = _mine(request).subscriptions.pop(request.query_params.get("subscriptionId", ""), None)
    return Response(None, status_code=200) if found else said(404, "SUBSCRIPTION_NOT_FOUND", "")


@get(f"{BASE}/v2/statistics")
async def statistics(request: Ask) -> Response[Any]:
    exchange, asked = _mine(request), request.query_params
    if not (asked.get("dateFrom") and asked.get("dateTo")):
        return said(400, "BAD_REQUEST", "dateFrom and dateTo are required")
    since, until = (dt.datetime.fromisoformat(asked[name]).timestamp() * 1000 for name in ("dateFrom", "dateTo"))
    size = min(MOST, int(asked.get("pageSize") or MOST))
    page = max(0, int(asked.get("page") or 0) - exchange.faults.first_page)
    rows = [row for row in exchange.rows if since <= row["startDate"] <= until]
    return Response(rows[page * size : (page + 1) * size])


@get(f"{BASE}/records")
async def records(request: Ask) -> Response[Any]:
    asked, found = request.query_params, list(_mine(request).records.values())
    if asked.get("id"):
        found = [one for one in found if one["id"] > int(asked["id"])]
    if asked.get("userId"):
        found = [one for one in found if one["abonent"]["userId"] == asked["userId"]]
    return Response(found[:MOST])


@get(f"{BASE}/v2/records/{{record_id:str}}")
async def record(request: Ask, record_id: str) -> Response[Any]:
    return _record(_mine(request), record_id)


@get(f"{BASE}/v2/records/{{record_id:str}}/download")
async def record_sound(request: Ask, record_id: str) -> Response[Any]:
    return _sound(_record(_mine(request), record_id))


@get(f"{BASE}/v2/records/{{tracking_id:str}}/{{user_id:str}}")
async def record_of_call(request: Ask, tracking_id: str, user_id: str) -> Response[Any]:
    return _record(_mine(request), _of_call(_mine(request), tracking_id, user_id))


@get(f"{BASE}/v2/records/{{tracking_id:str}}/{{user_id:str}}/download")
async def sound_of_call(request: Ask, tracking_id: str, user_id: str) -> Response[Any]:
    return _sound(_record(_mine(request), _of_call(_mine(request), tracking_id, user_id)))


def _of_call(exchange: Exchange, tracking_id: str, user_id: str) -> str:
    found = (
        number
        for number, one in exchange.records.items()
        if one["externalId"] == tracking_id and one["abonent"]["userId"] == user_id
    )
    return next(found, "")


def _record(exchange: Exchange, number: str) -> Response[Any]:
    """Not there for the first requests: the exchange needs its time."""
    asked = exchange.asked_records[number] = exchange.asked_records.get(number, 0) + 1
    if number.startswith(OF_DEMO):
        return Response({"id": number, "externalId": number, "duration": 3000, "abonent": None})
    if number not in exchange.records or asked <= exchange.faults.recording_after:
        return said(404, "RECORD_NOT_FOUND", number)
    return Response(exchange.records[number])


def _sound(found: Response[Any]) -> Response[Any]:
    return Response(SOUND, media_type="audio/mpeg") if found.status_code == 200 or found.status_code is None else found


PORTAL = [
    abonents,
    numbers,
    call,
    subscribe,
    subscription,
    unsubscribe,
    statistics,
    records,
    record,
    record_sound,
    record_of_call,
    sound_of_call,
]
