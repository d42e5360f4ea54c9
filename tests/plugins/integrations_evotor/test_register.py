"""Each fault of the provider: what we learn of the receipt; repeated by the rules it is there, once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from prikus.toolkit import Invalid
from prikus_fiscal.public import Buyer, Correction, Outcome, Paid, Receipt
from tests.plugins.integrations_evotor.conftest import Till, line, receipt

TRIES = 6


async def until_done(till: Till, made: Receipt) -> tuple[Outcome, list[Outcome]]:
    """What a queue does by the outcomes' meaning: the same number again, a new one only after a definite end."""
    seen: list[Outcome] = []
    asked, attempt = None, made
    for _ in range(TRIES):
        seen.append(await (till.status(asked) if asked else till.send(attempt)))
        last = seen[-1]
        if last.state == "done":
            return last, seen
        if last.state == "failed":
            attempt, asked = msgspec.structs.replace(attempt, external_id=f"{attempt.external_id}-2"), None
        else:
            asked = last.uuid
    raise AssertionError(seen)


async def test_a_receipt_is_registered_with_its_requisites(connected: Till) -> None:
    made = receipt()
    done, seen = await until_done(connected, made)
    assert [one.state for one in seen] == ["wait", "done"]
    assert done.fiscal is not None
    assert (done.fiscal.fn, len(done.fiscal.sign), done.fiscal.register) == ("9999078900000001", 10, "0000000001000001")
    assert done.fiscal.url == f"https://ofd.example/r/{done.fiscal.document}"
    [kept] = await connected.registered()
    assert (kept["external_id"], kept["payload"]["total"]) == (made.external_id, 5000.5)


FAULTS = {
    "down": ["unknown", "wait", "done"],
    "broken": ["unknown", "wait", "done"],
    "limit": ["refused", "wait", "done"],
    "lost": ["unknown", "wait", "done"],
    "expired": ["wait", "done"],
    "blocked": ["refused", "wait", "done"],
    "wait": ["wait", "wait", "done"],
    "nolink": ["wait", "done"],
    "paper": ["wait", "failed", "wait", "done"],
    "queue": ["wait", "failed", "wait", "done"],
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_loses_nothing_and_doubles_nothing(connected: Till, fault: str) -> None:
    await connected.fake.misbehave(fault)
    done, seen = await until_done(connected, receipt())
    assert [one.state for one in seen] == FAULTS[fault]
    kept = await connected.registered()
    assert [one["status"] for one in kept if one["status"] != "fail"] == ["done"]
    assert done.fiscal is not None
    assert (done.fiscal.url is None) == (fault == "nolink")


async def test_a_repetition_is_the_same_receipt_however_the_provider_says_it(connected: Till) -> None:
    made = receipt()
    first = await connected.send(made)
    again = await connected.send(made)
    await connected.fake.misbehave("duplicate")
    refused = await connected.send(made)
    assert (again.uuid, refused.uuid, refused.state, refused.code) == (first.uuid, first.uuid, "wait", 33)
    assert len(await connected.registered()) == 1


@pytest.mark.parametrize(
    ("fault", "trouble", "words"),
    [
        ("paper", "register", "Нет бумаги"),
        ("queue", "busy", "очереди"),
        ("blocked", "credentials", "заблокирован"),
        ("down", "busy", "недоступна"),
    ],
)
async def test_a_trouble_is_told_in_words(connected: Till, fault: str, trouble: str, words: str) -> None:
    await connected.fake.misbehave(fault)
    told = await connected.send(receipt())
    if told.state == "wait":
        told = await connected.status(told.uuid)
    assert (told.trouble, words in (told.sentence or "")) == (trouble, True)


async def test_what_no_register_takes_is_not_sent(connected: Till) -> None:
    wrong: list[dict[str, Any]] = [{"payments": (Paid("cash", Decimal(1)),)}, {"buyer": Buyer()}]
    for part in wrong:
        with pytest.raises(Invalid):
            await connected.send(receipt(**part))
    assert await connected.registered() == []


async def test_a_wrong_inn_ends_the_attempt_and_names_the_settings(connected: Till) -> None:
    assert (await connected.connect(inn="7700000001")).status_code == 204
    told = await connected.send(receipt())
    told = await connected.status(told.uuid)
    assert (told.state, told.trouble) == ("failed", "credentials")
    assert "ИНН" in (told.sentence or "")


@pytest.mark.parametrize("ffd", ["1.2", "1.05"])
async def test_both_versions_take_every_kind(till: Till, ffd: str) -> None:
    login = {"1.2": f"kassa-{till.name}", "1.05": f"kassa105-{till.name}"}[ffd]
    assert (await till.connect(ffd=ffd, login=login)).status_code == 204
    why = Correction("own", dt.date(2026, 3, 1), "7")
    goods = line("Щётка", "199.99", subject="goods", vat="vat22", quantity=Decimal(3), total=Decimal("599.97"))
    paid = (Paid("cash", goods.total),)
    advance = line("Аванс за стоматологические услуги", "1000", method="advance", subject="payment")
    for made in (
        receipt(items=(goods,), payments=paid, buyer=Buyer(phone="+79990000001")),
        receipt(items=(advance,), payments=(Paid("electronic", Decimal(1000)),)),
        receipt(kind="sell_refund"),
        receipt(kind="sell_correction", correction=why, buyer=Buyer()),
    ):
        assert (await until_done(till, made))[0].state == "done", made
    mirror = receipt(kind="sell_refund_correction", correction=why)
    if ffd == "1.2":
        assert (await until_done(till, mirror))[0].state == "done"
    else:
        with pytest.raises(Invalid) as refused:
            await till.send(mirror)
        assert "исправлять возвраты" in refused.value.fields["kind"]
