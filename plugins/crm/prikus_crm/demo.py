"""Requests of a demo clinic: some of each status, the newest of today."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from prikus.toolkit import Demo, StaffMember
from prikus_crm.models import CrmRequest, RequestSource
from prikus_crm.schemas import Status

REQUESTS: tuple[tuple[str | None, str, Status, int, int | None, str | None], ...] = (
    ("Захарова Инна", "Имплантация, нижняя челюсть справа", "new", 0, 0, "Просит рассчитать в рассрочку"),
    ("Шубин Артём", "Брекеты, консультация", "new", 0, 0, None),
    (None, "Перезвоните, пожалуйста", "new", 0, None, None),
    ("Лаптева Вера", "Виниры, 6 штук", "new", 1, 1, None),
    ("Ушаков Семён", "Скол 1.1, срочно", "new", 1, -1, None),
    ("Грачёв Олег", "Удаление 4.8, острая боль", "work", 1, -1, "Ждёт ответа хирурга про снимок"),
    ("Фролов Виталий", "Протезирование, второе мнение", "work", 2, 2, None),
    ("Одинцова Нелли", "Кариес у ребёнка, 5 лет", "work", 3, 1, None),
    ("Хохлов Пётр", "Перелечивание каналов 3.6", "work", 4, 2, None),
    ("Назарова Галина", "Синус-лифтинг и три имплантата", "thinking", 6, 3, "Сравнивает с другой клиникой"),
    ("Миронов Егор", "Элайнеры", "thinking", 16, -5, None),
    ("Савельева Рита", "Три коронки", "thinking", 9, 4, "Ждёт отпуска"),
    ("Комарова Дина", "Кариес 3.5, боль при накусывании", "booked", 3, None, None),
    ("Фомина Кира", "Консультация ортопеда", "booked", 5, None, None),
    ("Гордеев Леонид", "Консультация ортодонта", "booked", 8, None, None),
    ("Белкин Роман", "Отбеливание", "refused", 7, None, "Дорого"),
    ("Юсупова Алия", "Детский приём", "refused", 12, None, "Далеко ехать"),
)


async def load(demo: Demo) -> None:
    random = demo.random("crm")
    (site,) = await demo.add(RequestSource, [{"code": "site", "title": "Сайт", "icon": "world"}])
    desk = list(await demo.db.scalars(select(StaffMember.id).order_by(StaffMember.id).limit(4)))
    morning = dt.datetime.combine(demo.today, dt.time(5, 30), dt.UTC)
    rows = [
        {
            "source_id": site if place % 3 else None,
            "external_id": f"demo-{place}" if place % 3 else None,
            "place": "Запись на приём" if place % 3 else None,
            "status": status,
            "received_at": morning - dt.timedelta(days=days, minutes=random.randint(0, 300) if days else place * 4),
            "name": name,
            "phone": f"+7999000{random.randint(1000, 9999)}",
            "words": words,
            "comment": note if status != "refused" else None,
            "refusal": note if status == "refused" else None,
            "responsible_id": random.choice(desk) if status != "new" else None,
            "next_on": demo.today + dt.timedelta(days=again) if again is not None else None,
        }
        for place, (name, words, status, days, again, note) in enumerate(REQUESTS)
    ]
    await demo.add(CrmRequest, rows, "заявки")
