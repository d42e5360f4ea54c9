"""A clinic whose register is the fake one, over real HTTP."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest

from prikus.connections.services.outgoing import breaker
from prikus.host.system import System
from prikus.testing.clinics import Client, TestClinic, open_test_clinic
from prikus.testing.fakes import Fake, fake_provider
from prikus.testing.house import House, answering, migrated, opened
from prikus.testing.live import free_port
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus.toolkit import open_connection
from prikus_fiscal.public import Buyer, Item, Outcome, Paid, Receipt
from prikus_integrations_evotor.fake import HOST
from prikus_integrations_evotor.services.client import register


class Till:
    """The clinic's register. `director` has connected it, `card` is its address under «API Интеграции»."""

    def __init__(self, clinic: TestClinic, url: str, director: Client) -> None:
        self.clinic, self.director = clinic, director
        self.name = uuid.uuid4().hex[:12]
        self.fake = Fake(url)
        self.control = httpx.AsyncClient(base_url=f"{url}/_control", timeout=60)
        self.card = ""

    def form(self, **other: str) -> dict[str, str]:
        return {"row_version": "0", **filled_in(self.name, **other)}

    async def connect(self, **other: str) -> httpx.Response:
        """Fill in (anew) and press «Подключить»."""
        address = self.card or "/connections/new/evotor"
        version = re.search(r'name="row_version" value="(\d+)"', (await self.director.get(address)).text)
        assert version
        saved = await self.director.post(address, data=self.form(**other) | {"row_version": version[1]})
        assert saved.status_code == 204, saved.text
        if not self.card:
            listed = (await self.director.get("/connections/")).text
            known = (int(id) for id in re.findall(r"/connections/(\d+)/connect", listed))
            self.card = f"/connections/{max(known)}"
        return await self.director.post(f"{self.card}/connect")

    async def registered(self) -> list[Any]:
        """What the provider has of this register."""
        kept = (await self.control.get("/receipts")).json()
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
            connection = await open_connection(own, int(self.card.rsplit("/", 1)[1]))
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
async def evotor_fake() -> AsyncIterator[str]:
    async with fake_provider("prikus_integrations_evotor.fake:build") as url:
        yield url


@session
async def evotor_house(servers: Servers, system: System, evotor_fake: str) -> AsyncIterator[House]:
    config = await migrated(servers, "evotor", 0)
    config = msgspec.structs.replace(config, fakes={HOST: evotor_fake}, port=free_port())
    async with opened(config, system) as house:
        yield house


@session
async def reachable(evotor_house: House) -> AsyncIterator[None]:
    async with answering(evotor_house):
        yield


@pytest.fixture
async def clinic(evotor_house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(evotor_house)
    yield clinic
    await clinic.close()


@pytest.fixture
def house(evotor_house: House) -> House:
    return evotor_house


@pytest.fixture
async def till(clinic: TestClinic, evotor_fake: str) -> AsyncIterator[Till]:
    breaker.forget()
    made = Till(clinic, evotor_fake, (await clinic.client_as("director")).htmx)
    yield made
    await made.control.aclose()


@pytest.fixture
async def connected(till: Till) -> Till:
    answer = await till.connect()
    assert answer.status_code == 204, answer.text
    return till
