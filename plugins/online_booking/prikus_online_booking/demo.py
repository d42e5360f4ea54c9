"""Bookings of a demo clinic: some of the coming visits were booked over a channel, two were not to be had.

They come over no channel yet: the demo of one may take them over.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from prikus.toolkit import Demo
from prikus_calendar.public import appointments_v1
from prikus_online_booking.models import ExternalBooking

MOST, EVERY = 24, 3
MOVED, NEW_CARD = 5, 4
"""Every fifth was moved by the clinic, every fourth is a new patient's."""
REFUSED = (
    ("Журавлёва Анна Сергеевна", "+79990001101", "Это время уже занято."),
    ("Тихонов Илья", "+79990001102", "Такого времени нет в опубликованном расписании."),
)


async def load(demo: Demo) -> None:
    visit, random = appointments_v1().subquery(), demo.random("online_booking")
    coming = select(visit.c.id, visit.c.patient_id, visit.c.doctor_id, visit.c.starts_at)
    coming = coming.where(visit.c.business_date > demo.today, visit.c.occupies).order_by(visit.c.starts_at, visit.c.id)
    found = (await demo.db.execute(coming.limit(MOST * EVERY))).all()[::EVERY]
    now = dt.datetime.now(dt.UTC)
    rows: list[dict[str, Any]] = [
        {
            "external_id": f"demo-{id}",
            "state": "moved" if n % MOVED == 0 else "new",
            "changed_by": "clinic" if n % MOVED == 0 else "channel",
            "appointment_id": id,
            "patient_id": patient_id,
            "is_new_patient": n % NEW_CARD == 0,
            "staff_id": doctor_id,
            "starts_at": starts_at,
            "created_at": now - dt.timedelta(hours=2 * n, minutes=random.randint(0, 59)),
        }
        for n, (id, patient_id, doctor_id, starts_at) in enumerate(found, 1)
    ]
    for n, (name, phone, reason) in enumerate(REFUSED):
        if rows:
            wanted = {name: rows[n][name] for name in ("staff_id", "starts_at")}
            said = {"state": "refused", "changed_by": "channel", "is_new_patient": False, **wanted}
            at = now - dt.timedelta(hours=5 + 9 * n, minutes=20)
            said |= {
                "external_id": f"demo-refused-{n}",
                "created_at": at,
                "name": name,
                "phone": phone,
                "reason": reason,
            }
            rows.append(said)
    await demo.add(ExternalBooking, rows, "онлайн-записи")
