"""Invented patients of a demo clinic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from random import Random
from typing import Any

import msgspec
from sqlalchemy import insert, select

from prikus.access.furnishing import Demo
from prikus.events.models import Counter
from prikus.host.declarations import PatientFact
from prikus.invented.people import Person, Population
from prikus.patients.events import PatientCreated
from prikus.patients.models import IdentityDocument, Patient, PatientAddress, PatientEvent
from prikus.patients.services.keeping import SERIES
from prikus.patients.services.names import name_columns, phone_digits
from prikus.references.models import Gender, MarketingChannel, PatientGroup

COMMENTS = (
    "Просит звонить после 18:00.",
    "Боится уколов, нужна аппликационная анестезия.",
    "Предпочитает утренние приёмы.",
    "Аллергия на лидокаин.",
    "Просит писать, а не звонить.",
    "Приезжает из области, удобны длинные приёмы.",
)
WITH_COMMENT, WITH_PASSPORT, WITH_ADDRESS = 0.12, 0.5, 0.8
MAILING, LEFT = 0.6, 0.04
ISSUER, CODE = "ГУ МВД России по Свердловской области", "660-001"
OF_AGE = dt.timedelta(days=14 * 366)


class PastFact(msgspec.Struct, frozen=True):
    """A fact of a demo clinic's history: when it happened and which member of the staff made it true."""

    event: PatientFact
    at: dt.datetime
    staff_id: int | None


class Books(msgspec.Struct, frozen=True):
    """Ids of the clinic's reference books and staff that patients point to."""

    genders: dict[str | None, int]
    channels: list[int]
    groups: list[int]
    administrators: list[int]


async def load(demo: Demo) -> None:
    """Fill `made["patients"]` with ids, in the order in which the cards were opened."""
    random = demo.random("patients")
    people = Population(random.randrange(2**32), demo.today).patients(demo.size.patients)
    books = await _books(demo)
    rows = patient_rows(random, people, books, demo.today, demo.size.months)
    ids = await demo.add(Patient, rows, "Пациенты")
    await demo.db.execute(insert(Counter).values(series=SERIES, legal_entity_id=0, value=len(ids)))
    await demo.add(
        PatientAddress,
        [row for id, person in zip(ids, people, strict=True) for row in address_rows(random, id, person)],
    )
    await demo.add(
        IdentityDocument,
        [row for id, person in zip(ids, people, strict=True) for row in document_rows(random, id, person, demo.today)],
    )
    await demo.add(PatientEvent, [opening_row(id, row) for id, row in zip(ids, rows, strict=True)])
    demo.made["patients"] = ids


async def tell_past(demo: Demo, facts: Iterable[PastFact], label: str) -> None:
    """Put facts of the past into the feeds of their patients, as the listener would have (PAT-17)."""
    rows = []
    for fact in facts:
        line = fact.event.feed_line()
        rows.append(
            {
                "patient_id": fact.event.patient_id,
                "kind": fact.event.name,
                "title": line.title,
                "text": line.text,
                "href": line.href,
                "icon": line.icon,
                "happened_at": fact.at,
                "actor_kind": "staff" if fact.staff_id else "system",
                "actor_id": fact.staff_id,
            }
        )
    await demo.add(PatientEvent, rows, label)


async def _books(demo: Demo) -> Books:
    async def ids(model: Any) -> list[int]:
        return list(await demo.db.scalars(select(model.id).order_by(model.id)))

    genders: dict[str | None, int] = {row.code: row.id for row in await demo.db.execute(select(Gender.code, Gender.id))}
    return Books(genders, await ids(MarketingChannel), await ids(PatientGroup), demo.made.get("administrators", []))


def patient_rows(
    random: Random, people: list[Person], books: Books, today: dt.date, months: int
) -> list[dict[str, Any]]:
    """Rows of patients with cards numbered from 1, opened before the `months` of history that others tell."""
    begin = dt.datetime.combine(today, dt.time(8), dt.UTC) - dt.timedelta(days=31 * months)
    moments = sorted(begin - dt.timedelta(days=random.triangular(1, 1200, 60)) for _ in people)
    return [
        _patient_row(random, number, person, moment, books)
        for number, (person, moment) in enumerate(zip(people, moments, strict=True), 1)
    ]


def _patient_row(random: Random, number: int, person: Person, moment: dt.datetime, books: Books) -> dict[str, Any]:
    author = random.choice(books.administrators) if books.administrators else None
    return {
        "card_number": number,
        "last_name": person.last_name,
        "first_name": person.first_name,
        "patronymic": person.patronymic,
        **name_columns(person.last_name, person.first_name, person.patronymic),
        "phone": person.phone,
        "phone_digits": phone_digits(person.phone),
        "home_phone": person.home_phone,
        "email": person.email,
        "birth_date": person.birth_date,
        "gender_id": books.genders[person.gender],
        "marketing_channel_id": random.choice(books.channels),
        "patient_group_id": random.choice(books.groups) if random.random() < 0.7 else None,
        "mailing_enabled": random.random() < MAILING,
        "is_active": random.random() >= LEFT,
        "snils": person.snils,
        "inn": person.inn,
        "comment": random.choice(COMMENTS) if random.random() < WITH_COMMENT else None,
        "created_at": moment,
        "created_by_kind": "staff" if author else "system",
        "created_by_id": author,
    }


def address_rows(random: Random, patient_id: int, person: Person) -> list[dict[str, Any]]:
    if random.random() >= WITH_ADDRESS:
        return []
    return [{"patient_id": patient_id, "kind": "registration", **msgspec.structs.asdict(person.address)}]


def document_rows(random: Random, patient_id: int, person: Person, today: dt.date) -> list[dict[str, Any]]:
    """Passports of those who are old enough to have one."""
    if today - person.birth_date < OF_AGE or random.random() >= WITH_PASSPORT:
        return []
    issued_on = max(person.birth_date + OF_AGE, today - dt.timedelta(days=random.randrange(200, 7000)))
    return [
        {
            "patient_id": patient_id,
            "kind": "passport",
            "series": f"65{random.randrange(2, 25):02}",
            "number": f"{random.randrange(100_000, 1_000_000)}",
            "issuer": ISSUER,
            "department_code": CODE,
            "issued_on": min(issued_on, today),
        }
    ]


def opening_row(patient_id: int, row: dict[str, Any]) -> dict[str, Any]:
    """The first line of the patient's feed."""
    event = PatientCreated(patient_id=patient_id, card_number=row["card_number"])
    line = event.feed_line()
    return {
        "patient_id": patient_id,
        "kind": event.name,
        "title": line.title,
        "text": line.text,
        "href": line.href,
        "icon": line.icon,
        "happened_at": row["created_at"],
        "actor_kind": row["created_by_kind"],
        "actor_id": row["created_by_id"],
        "payload": msgspec.to_builtins(event),
    }
