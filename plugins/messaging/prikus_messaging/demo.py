"""Three weeks of messages of a demo clinic: reminders of the next day's visit, most of them delivered.

The generator is pure: the same day, people and seed give the same rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from prikus.toolkit import Demo, PastFact, Patient, tell_past
from prikus_messaging.events import PatientMessageSent
from prikus_messaging.models import OutboundMessage
from prikus_messaging.services.counting import count_parts

WEEKS, SUNDAY = 3, 7
A_MESSAGE_FOR = 120
"""Patients for each message of a day."""
FEWEST = 3
REMINDED_AT = dt.time(17)
PRICE = Decimal("4.20")
TEXTS = (
    "{name}, ждём вас завтра в {time}. Если планы изменились, позвоните нам.",
    "{name}, напоминаем: завтра в {time} ваш приём. До встречи!",
    "{name}, вы записаны на завтра, {time}. Пожалуйста, приходите за 10 минут.",
)
ENDS = {"delivered": 90, "accepted": 4, "failed": 6}
FAILED = ("Номер не обслуживается.", "Абонент недоступен больше суток.")


def messages(
    today: dt.date, zone: ZoneInfo, patients: Sequence[tuple[int, str, str]], a_day: int, random: Random
) -> Iterator[dict[str, Any]]:
    """Rows of `OutboundMessage`, in the order of time. `patients` are id, first name and number (E.164)."""
    for back in range(WEEKS * 7, 0, -1):
        day = today - dt.timedelta(days=back)
        if day.isoweekday() == SUNDAY or not patients:
            continue
        for n in range(max(FEWEST, round(random.gauss(a_day, a_day / 5)))):
            at = dt.datetime.combine(day, REMINDED_AT, zone) + dt.timedelta(seconds=n * 2)
            yield _message(at.astimezone(dt.UTC), random.choice(patients), random)


def _message(at: dt.datetime, patient: tuple[int, str, str], random: Random) -> dict[str, Any]:
    id, name, address = patient
    text = random.choice(TEXTS).format(name=name, time=f"{random.randint(9, 19)}:{random.choice(('00', '30'))}")
    [state] = random.choices(list(ENDS), list(ENDS.values()))
    parts = count_parts(text).parts
    return {
        "patient_id": id,
        "purpose": "service",
        "address": address,
        "text": text,
        "parts": parts,
        "cost": PRICE * parts,
        "state": state,
        "tries": 0,
        "external_id": f"{random.randrange(10**9):09d}",
        "error": random.choice(FAILED) if state == "failed" else None,
        "next_at": None,
        "created_at": at,
        "tried_at": at,
        "sent_at": at + dt.timedelta(seconds=1),
        "final_at": None if state == "accepted" else at + dt.timedelta(seconds=random.randint(4, 90)),
        "expires_at": at + dt.timedelta(days=1),
    }


async def load(demo: Demo) -> None:
    """Messages over no service yet: the demo of one may take them over by `public.take_over`."""
    columns = (Patient.id, Patient.first_name, Patient.phone)
    found = await demo.db.execute(select(*columns).where(Patient.phone_digits != "").order_by(Patient.id))
    patients = [(id, name, phone) for id, name, phone in found]
    a_day = demo.size.patients // A_MESSAGE_FOR
    rows = list(messages(demo.today, demo.clinic.zone, patients, a_day, demo.random("messaging")))
    ids = await demo.add(OutboundMessage, rows, "сообщения")
    await tell_past(demo, _facts(ids, rows), "события сообщений")


def _facts(ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> Iterator[PastFact]:
    for id, row in zip(ids, rows, strict=True):
        fact = PatientMessageSent(patient_id=row["patient_id"], message_id=id, text=row["text"])
        yield PastFact(fact, row["sent_at"], None)
