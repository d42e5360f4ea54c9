"""Erasing a person: nothing that says who it was is found anywhere in the clinic's rows (reliability 52)."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from prikus.errors import Conflict, Denied, Invalid, NotFound
from prikus.patients.schemas import EditedPatient
from prikus.patients.services.card import read_card
from prikus.patients.services.erasing import erase_patient
from prikus.patients.services.keeping import edit_patient
from prikus.patients.services.merging import merge_patients, part_patients
from prikus.trash.services import restore
from tests.core.patients.lifecycle.conftest import DAY

MARK = "Незабудкина"
FOREIGN = 2**40
WORDS = (MARK, "незабудкин", "9127776655", "пахомова", "45 08 112233", "112-233-445 95", "nezabudka@")
CARD = {
    "last_name": MARK,
    "first_name": "Ася",
    "patronymic": "Пахомовна",
    "phone": "+7 912 777-66-55",
    "email": "nezabudka@example.ru",
    "snils": "112-233-445 95",
    "inn": "500100732259",
    "comment": f"{MARK} просит звонить вечером",
}
TEXTS = text("""
    select format('%I.%I', n.nspname, c.relname) as "table", format('%I', a.attname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      and a.atttypid in ('text'::regtype, 'jsonb'::regtype)
      and exists (select 1 from pg_attribute o where o.attrelid = c.oid and o.attname = 'row_version')
    order by 1, 2
""")


async def traces(clinic, words=WORDS) -> list[str]:
    """Columns of the clinic in which any of the words stands, in whatever schema."""
    found = []
    async with clinic.ctx_as("system") as ctx:
        for table, name in (await ctx.db.execute(TEXTS)).all():
            likes = " or ".join(f"lower(cast({name} as text)) like :w{place}" for place in range(len(words)))
            values = {f"w{place}": f"%{word.lower()}%" for place, word in enumerate(words)}
            if await ctx.db.scalar(text(f"select exists (select 1 from {table} where {likes})"), values):
                found.append(f"{table}.{name}")
    return found


@pytest.fixture
async def asya(clinic, add, drink) -> int:
    """A patient who has left traces everywhere: card, documents, audit, feed, events, the plugin's tables."""
    patient = await add(f"{MARK} Ася Пахомовна", **{k: v for k, v in CARD.items() if k not in NAMES})
    await drink(patient.id, f"{MARK} любит с лимоном")
    async with clinic.ctx_as("director") as ctx:
        card = await read_card(ctx, patient.id)
    edited = {"row_version": card.row_version, "is_active": True, **CARD, "snils": "112-233-445 96"}
    async with clinic.ctx_as("director") as ctx:
        await edit_patient(ctx, patient.id, msgspec.convert(edited, EditedPatient))
        await ctx.audit("visit.noted", "visit", FOREIGN, "Отмечено.", after={"about": MARK})
    async with clinic.ctx_as("system") as ctx:
        visit = await ctx.db.scalar(text("select id from samovar.visit where patient_id = :id"), {"id": patient.id})
    async with clinic.ctx_as("director") as ctx:
        await ctx.audit("visit.noted", "visit", visit, "Отмечено.", after={"about": MARK})
        await ctx.audit("visit.noted", "samovar.visit", visit, "Отмечено.", after={"about": MARK})
        await ctx.audit("guest.noted", "core.patient", patient.id, "Отмечено.", after={"about": MARK})
    await clinic.drain()
    return patient.id


NAMES = ("last_name", "first_name", "patronymic")


async def test_no_trace_is_left(clinic, asya, rows) -> None:
    before = await traces(clinic)
    expected = {"core.patient.last_name", "core.patient.comment", "core.audit_record.after", "samovar.talk.words"}
    assert expected | {"samovar.guest.habits", "samovar.visit.wish", "samovar.ticket.name"} <= set(before)
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, asya, "Заявление от 24.11.2026")
    await clinic.drain()
    assert await traces(clinic) == ["core.audit_record.after"], "another visit's audit is not the patient's"
    about = "select object_kind, object_id from core.audit_record where cast(after as text) like :word"
    assert await rows(about, word=f"%{MARK}%") == [("visit", FOREIGN)]


async def test_what_the_law_keeps_stays_without_a_name(clinic, asya, rows) -> None:
    async with clinic.ctx_as("director") as ctx:
        act = await erase_patient(ctx, asya, "Заявление от 24.11.2026")
    await clinic.drain()
    assert await rows("select last_name, first_name, phone, card_number from core.patient") == [
        ("Данные", "стёрты", "", 1)
    ]
    for table, left in (("visit", 1), ("talk", 1), ("ticket", 2), ("coin", 2), ("guest", 0)):
        assert await rows(f"select count(*) from samovar.{table}") == [(left,)], table
    ((reason, counted),) = await rows("select reason, rows from core.patient_erasure where id = :id", id=act)
    assert reason == "Заявление от 24.11.2026"
    assert counted["samovar.guest"] == counted["samovar.visit"] == 1
    assert counted["samovar.ticket"] == 2
    feed = "select title, text from core.patient_event order by id"
    assert {title for title, _ in await rows(feed)} >= {"Карточка создана", "Персональные данные стёрты"}
    assert {words for _, words in await rows(feed)} == {None}
    assert await rows("select 1 from core.outbox_event") == []


async def test_what_was_being_written_in_that_moment_is_emptied_too(clinic, asya, drink, rows) -> None:
    """By whoever had found the card before it was erased, and was committed after it."""
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, asya, "Заявление")
    await clinic.drain()
    await drink(asya, f"{MARK} любит с мятой", day=DAY + dt.timedelta(days=1))
    assert {"samovar.guest.habits", "samovar.visit.wish", "samovar.talk.words"} <= set(await traces(clinic))
    await clinic.drain_all()
    assert await traces(clinic) == ["core.audit_record.after"], "another visit's audit is not the patient's"
    assert await rows("select count(*) from samovar.coin") == [(4,)]


async def test_an_erased_card_is_found_nowhere_and_does_not_come_back(clinic, asya) -> None:
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, asya, "Заявление")
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(NotFound):
            await read_card(ctx, asya)
        with pytest.raises(NotFound):
            await erase_patient(ctx, asya, "Ещё раз")
        with pytest.raises(Conflict, match="восстановить её нельзя"):
            await restore(ctx, "patients", asya)


async def test_the_card_that_was_merged_into_the_erased_one_is_forgotten_too(clinic, asya, add) -> None:
    other = (await add(f"{MARK} Ася", phone="+7 912 777-66-55", despite_duplicate=True)).id
    async with clinic.ctx_as("director") as ctx:
        merged = await merge_patients(ctx, other, asya)
    assert "core.patient_merge.undo" in await traces(clinic)
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, asya, "Заявление")
    await clinic.drain()
    assert await traces(clinic) == ["core.audit_record.after"]
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict, match="стёрты"):
            await part_patients(ctx, merged.merge_id)


async def test_a_plugin_that_still_needs_the_person_refuses(clinic, asya, rows) -> None:
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text("insert into samovar.coin (patient_id, amount) values (:id, 7)"), {"id": asya})
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict, match="сначала рассчитайтесь"):
            await erase_patient(ctx, asya, "Заявление")
    assert (await rows("select last_name from core.patient")) == [(MARK,)]


async def test_who_may_not_and_without_a_reason(clinic, asya) -> None:
    for who in ("administrator", "doctor", None):
        async with clinic.ctx_as(who) as ctx:
            with pytest.raises(Denied):
                await erase_patient(ctx, asya, "Заявление")
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Invalid):
            await erase_patient(ctx, asya, "  ")
    refused = await (await clinic.client_as("administrator")).htmx.post(
        f"/patients/{asya}/erase", data={"card_number": "7"}
    )
    assert refused.status_code == 403, "the number is not told to whoever may not erase"


@pytest.mark.parametrize("number", ["9" * 5000, "семь", "7", ""])
async def test_another_number_is_refused_beside_its_field(clinic, asya, number: str) -> None:
    form = {"reason": "Заявление", "card_number": number}
    refused = await (await clinic.client_as("director")).htmx.post(f"/patients/{asya}/erase", data=form)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["card_number"])


async def test_the_other_clinic_is_not_touched(clinic, make_clinic, asya, add, drink) -> None:
    other = await make_clinic(plan="samovar")
    theirs = (await add(f"{MARK} Вера", where=other)).id
    await drink(theirs, MARK, where=other)
    await other.drain()
    before = await traces(other)
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, asya, "Заявление")
        with pytest.raises(NotFound):
            await erase_patient(ctx, theirs, "Заявление")
    await clinic.drain()
    assert await traces(other) == before
