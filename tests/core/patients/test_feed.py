"""«События пациента» (PAT-17)."""

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import ProgrammingError

from prikus.access.context import Context
from prikus.host.declarations import PatientFact
from prikus.host.system import System
from prikus.patients.models import PatientEvent
from prikus.patients.services.card import FEED_PAGE, read_feed
from prikus.testing.clinics import Client, TestClinic

from .conftest import Add

AT = dt.datetime(2026, 11, 20, 6, 30, tzinfo=dt.UTC)
CtxAs = Callable[..., AbstractAsyncContextManager[Context]]


async def happened(ctx: Context, patient_id: int, title: str, hours: float, kind: str = "invoice.issued") -> None:
    await ctx.db.execute(
        insert(PatientEvent).values(
            patient_id=patient_id,
            kind=kind,
            title=title,
            icon="history",
            happened_at=AT + dt.timedelta(hours=hours),
            actor_kind="system",
        )
    )


@pytest.mark.spec("PAT-17", part="fed by events", bites="prikus.patients.listeners:write_feed:await ctx.db.execute")
async def test_facts_become_lines_with_their_author(
    clinic: TestClinic,
    client_as: Callable[..., Awaitable[Client]],
    add: Add,
    drain: Callable[[], Awaitable[int]],
) -> None:
    await clinic.staff("administrator", last_name="Кузнецова", first_name="Ольга", patronymic="Викторовна")
    anna = await add()
    await drain()
    await drain()
    async with clinic.ctx_as() as ctx:
        ((line,), older) = await read_feed(ctx, anna.id)
        made_at = await ctx.db.scalar(text("select created_at from core.outbox_event where name = 'patient.created'"))
    assert (line.title, line.text, line.author) == ("Карточка создана", "№ 000001", "Проверкина А. И.")
    assert (line.kind, line.happened_at, older) == ("patient.created", made_at, None)
    page = (await (await client_as("doctor")).get(f"/patients/{anna.id}")).text
    assert "Карточка создана" in page
    assert "Проверкина А. И." in page


def test_every_fact_of_every_plugin_reaches_the_feed(system: System) -> None:
    facts = {cls.name for cls in system.events.values() if issubclass(cls, PatientFact)}
    assert {"patient.created", "patient.updated", "invoice.issued", "appointment.created"} <= facts
    assert [name for name in facts if "listener:patients.write_feed" not in system.listener_kinds(name)] == []


@pytest.mark.spec(
    "PAT-17", part="order and older ones", bites="prikus.patients.services.card:_feed:query = query.where(tuple_"
)
async def test_the_newest_come_first_and_older_ones_follow(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna, vera = await add(), await add("Котова Вера", phone="+79120000001")
    count = FEED_PAGE + 5
    async with clinic.ctx_as("system") as ctx:
        for number in range(count):
            await happened(ctx, anna.id, f"Событие {number:02}", number // 3)
        await happened(ctx, vera.id, "Чужое", 100)
    client = await client_as("administrator")
    first = (await client.get(f"/patients/{anna.id}/feed")).text
    (more,) = re.findall(r'hx-get="(/patients/\d+/feed\?before=[^"]+)"', first)
    rest = (await client.get(more.replace("&amp;", "&"))).text
    numbers = [int(found) for found in re.findall(r"Событие (\d\d)", first + rest)]
    assert numbers == list(range(count))[::-1]
    assert "Более ранние" not in rest
    assert "Чужое" not in first + rest


@pytest.mark.spec("PAT-17", part="filter by kind", bites="prikus.patients.services.card:_feed:query = query.where(or_")
async def test_one_kind_alone(clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add) -> None:
    anna = await add()
    async with clinic.ctx_as("system") as ctx:
        await happened(ctx, anna.id, "Счёт выставлен", 1)
        await happened(ctx, anna.id, "Оплата принята", 2, "payment.received")
        await happened(ctx, anna.id, "Запись создана", 3, "appointment.created")
    client = await client_as("administrator")
    everything = (await client.get(f"/patients/{anna.id}/feed")).text
    kinds = dict(re.findall(r'<option value="(\w*)"[^>]*>(.*?)</option>', everything))
    kinds_of_all = {"": "Все события", "card": "Карточка", "appointments": "Приёмы", "money": "Счета и оплаты"}
    assert kinds == kinds_of_all | {"calls": "Звонки", "messages": "Сообщения", "images": "Снимки"}
    money = (await client.get(f"/patients/{anna.id}/feed", params={"kind": "money"})).text
    assert re.findall(r"Счёт выставлен|Оплата принята|Запись создана", money) == ["Оплата принята", "Счёт выставлен"]


async def test_days_and_times_are_those_of_the_clinic(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add()
    async with clinic.ctx_as("system") as ctx:
        await happened(ctx, anna.id, "Поздно", 13.5)
    feed = (await (await client_as()).get(f"/patients/{anna.id}/feed")).text
    assert "21 ноября 2026" in feed
    assert "<time>01:00</time>" in feed


@pytest.mark.spec("PAT-17", part="append-only", bites="prikus.data.protect:protect_schema:changeable = APPEND_ONLY")
@pytest.mark.parametrize("change", ["update core.patient_event set title = 'Другое'", "delete from core.patient_event"])
async def test_lines_cannot_be_changed(ctx_as: CtxAs, add: Add, change: str) -> None:
    anna = await add()
    async with ctx_as("system") as ctx:
        await happened(ctx, anna.id, "Было", 1)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with ctx_as("director") as ctx:
            await ctx.db.execute(text(change))
