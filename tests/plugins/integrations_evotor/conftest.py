"""A clinic whose register is the fake one, over real HTTP."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import fake_provider
from prikus.testing.plugin import session
from prikus.toolkit import open_connection
from prikus_fiscal.public import Buyer, Item, Outcome, Paid, Receipt
from prikus_integrations_evotor.fake import HOST
from prikus_integrations_evotor.services.client import register


class Till(Linked):
    """The clinic's register, known to the provider by its `name`."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.name = uuid.uuid4().hex[:12]

    def another(self) -> Till:
        """One more register of this clinic, not filled in yet."""
        return Till(self.clinic, self.director, self.kind, self.fake)

    async def connect(self, **other: str) -> httpx.Response:
        """Fill in (anew) and press «Подключить»."""
        return await super().connect(**filled_in(self.name, **other))

    async def registered(self) -> list[Any]:
        """What the provider has of this register."""
        kept = (await self.fake.ask("GET", "/receipts")).json()
        return [one for one in kept if one["group_code"] == f"group-{self.name}"]

    async def sendings(self) -> list[str]:
        """Each time that somebody sent a receipt to this register, whatever became of it; newest first."""
        asked = [line["text"] for line in await self.fake.log("in") if f"/group-{self.name}/" in line["text"]]
        return [one for one in asked if one.startswith("POST ")]

    async def send(self, receipt: Receipt) -> Outcome:
        return await self._ask("send", receipt)

    async def status(self, number: str | None) -> Outcome:
        assert number
        return await self._ask("status", number)

    async def _ask(self, what: str, about: Any) -> Outcome:
        outside = await self.clinic.outside_as("plugin:integrations_evotor")
        async with outside.unit() as own:
            connection = await open_connection(own, self.id)
        async with register(outside, connection) as evotor:
            return await getattr(evotor, what)(about)


def receipt(**other: Any) -> Receipt:
    """5000.50: part by card, part from the deposit."""
    lines = (line("Лечение кариеса, зуб 36", "5000.50"),)
    made: dict[str, Any] = {
        "external_id": str(uuid.uuid4()),
        "kind": "sell",
        "at": dt.datetime(2026, 3, 14, 12, 30, 5),
        "items": lines,
        "payments": (Paid("electronic", Decimal("3500.50")), Paid("prepaid", Decimal(1500))),
        "buyer": Buyer(email="patient@clinic.example", name="Иванов Иван Иванович"),
        "cashier": "Петрова А. А.",
    }
    return Receipt(**made | other)


def line(name: str, price: str, **other: Any) -> Item:
    amount = Decimal(price)
    made = {"name": name, "price": amount, "quantity": Decimal(1), "total": amount}
    return Item(**{"method": "full_payment", "subject": "service", **made, **other})


def filled_in(name: str, **other: str) -> dict[str, str]:
    """The fields of a register that the fake knows."""
    return {
        "title": "Касса у входа",
        "way": "digital",
        "login": f"kassa-{name}",
        "password": f"pass-{name}",
        "group": f"group-{name}",
        "inn": "7700000000",
        "taxation": "usn_income",
        "email": "kassa@clinic.example",
        "place": "г. Москва, ул. Примерная, 1",
        "ffd": "1.2",
        "vat": "none",
        "corrections": "no",
        **other,
    }


@session
async def fakes() -> AsyncIterator[dict[str, str]]:
    async with fake_provider("prikus_integrations_evotor.fake:build") as url:
        yield {HOST: url}


@pytest.fixture
async def till(clinic: TestClinic) -> Till:
    return await Till.new(clinic, "evotor", HOST)


@pytest.fixture
async def connected(till: Till) -> Till:
    answer = await till.connect()
    assert answer.status_code == 204, answer.text
    return till
