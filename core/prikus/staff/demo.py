"""The people and places of a demo clinic: branches, chairs, doctors of several specialities, other staff."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import select, update

from prikus.access.furnishing import Demo
from prikus.access.models import (
    PermissionGroup,
    Profession,
    StaffBranch,
    StaffGroup,
    StaffMember,
    StaffProfession,
)
from prikus.access.names import sort_key
from prikus.clinics.models import Branch, Chair, LegalEntity
from prikus.invented.people import Person, Population

SPECIALITIES = ("Стоматолог-терапевт", "Стоматолог-хирург", "Стоматолог-ортопед", "Ортодонт", "Гигиенист")
OTHERS = (
    ("administrator", "Администратор"),
    ("coordinator", "Координатор лечения"),
    ("accountant", "Бухгалтер"),
    ("warehouse", "Кладовщик"),
    ("administrator", "Администратор"),
    ("administrator", "Администратор"),
)
ADDRESSES = ("г. Екатеринбург, ул. Лесная, 24", "г. Екатеринбург, ул. Садовая, 7")
SIGN_IN_AS = {"administrator": "admin", "coordinator": "coordinator", "accountant": "accountant", "warehouse": "store"}


class DemoDoctor(msgspec.Struct, frozen=True):
    """A doctor as the calendar's and billing's demo need them; `chair_id` is where the doctor usually works."""

    id: int
    speciality: str
    branch_id: int
    chair_id: int


async def load(demo: Demo) -> None:
    """Fill `made` with "branches", "chairs" (id → branch), "doctors" (`DemoDoctor`), "administrators"."""
    branches = await _branches(demo)
    chairs = await _chairs(demo, branches)
    people = Population(demo.random("staff").randrange(2**32), demo.today)
    professions = {
        (kind, name): id
        for kind, name, id in await demo.db.execute(select(Profession.kind, Profession.name, Profession.id))
    }
    groups = {row.code: row.id for row in await demo.db.execute(select(PermissionGroup.code, PermissionGroup.id))}
    await _doctors(demo, people, chairs, professions, groups["doctor"])
    await _others(demo, people, professions, groups)


async def _branches(demo: Demo) -> list[int]:
    first = (await demo.db.execute(select(Branch.id, Branch.legal_entity_id))).one()
    await demo.db.execute(
        update(LegalEntity).values(
            full_name=f"Общество с ограниченной ответственностью «{demo.clinic.name}»",
            short_name=f"ООО «{demo.clinic.name}»",
            inn="6671000008",
            kpp="667101001",
            address=ADDRESSES[0],
            phone="+73432000024",
            licence="Л041-01021-66/00000024 от 12.05.2021",
        )
    )
    names = demo.size.branches
    await demo.db.execute(
        update(Branch).where(Branch.id == first.id).values(name=names[0], address=ADDRESSES[0], phone="+73432000024")
    )
    more = [
        {
            "legal_entity_id": first.legal_entity_id,
            "name": name,
            "address": ADDRESSES[n],
            "phone": f"+7343200002{4 + n}",
        }
        for n, name in enumerate(names[1:], 1)
    ]
    demo.made["branches"] = [first.id, *(await demo.add(Branch, more) if more else [])]
    return demo.made["branches"]


async def _chairs(demo: Demo, branches: list[int]) -> list[tuple[int, int]]:
    rows = [
        {"branch_id": branches[n * len(branches) // demo.size.chairs], "name": f"Кресло {n + 1}", "position": n}
        for n in range(demo.size.chairs)
    ]
    ids = await demo.add(Chair, rows)
    demo.made["chairs"] = {id: row["branch_id"] for id, row in zip(ids, rows, strict=True)}
    return [(id, row["branch_id"]) for id, row in zip(ids, rows, strict=True)]


async def _doctors(
    demo: Demo, people: Population, chairs: list[tuple[int, int]], professions: dict[Any, int], group_id: int
) -> None:
    persons = [people.adult(ages=(28, 58)) for _ in range(demo.size.doctors)]
    emails = [f"doctor{n + 1}@{demo.slug}.example" for n in range(len(persons))]
    ids = await _members(demo, "doctor", persons, emails)
    specialities = [SPECIALITIES[n % len(SPECIALITIES)] for n in range(len(ids))]
    places = [chairs[n % len(chairs)] for n in range(len(ids))]
    await demo.add(
        StaffProfession,
        [
            {"staff_id": id, "profession_id": professions["doctor", name]}
            for id, name in zip(ids, specialities, strict=True)
        ],
    )
    await demo.add(StaffGroup, [{"staff_id": id, "group_id": group_id} for id in ids])
    await demo.add(
        StaffBranch, [{"staff_id": id, "branch_id": branch} for id, (_, branch) in zip(ids, places, strict=True)]
    )
    demo.made["doctors"] = [
        DemoDoctor(id, speciality, branch, chair)
        for id, speciality, (chair, branch) in zip(ids, specialities, places, strict=True)
    ]


async def _others(demo: Demo, people: Population, professions: dict[Any, int], groups: dict[str | None, int]) -> None:
    posts = OTHERS[: demo.size.staff]
    persons = [people.adult(gender="female", ages=(22, 55)) for _ in posts]
    emails = [
        f"{SIGN_IN_AS[code]}{'' if n == [c for c, _ in posts].index(code) else n + 1}@{demo.slug}.example"
        for n, (code, _) in enumerate(posts)
    ]
    ids = await _members(demo, "staff", persons, emails)
    await demo.add(
        StaffProfession,
        [
            {"staff_id": id, "profession_id": professions["staff", post]}
            for id, (_, post) in zip(ids, posts, strict=True)
        ],
    )
    await demo.add(
        StaffGroup, [{"staff_id": id, "group_id": groups[code]} for id, (code, _) in zip(ids, posts, strict=True)]
    )
    demo.made["administrators"] = [id for id, (code, _) in zip(ids, posts, strict=True) if code == "administrator"]


async def _members(demo: Demo, kind: str, persons: list[Person], emails: list[str]) -> list[int]:
    accounts = await demo.accounts(emails)
    rows = [
        {
            "account_id": account_id,
            "kind": kind,
            "last_name": person.last_name,
            "first_name": person.first_name,
            "patronymic": person.patronymic,
            "sort_name": sort_key(person.last_name, person.first_name, person.patronymic),
            "email": email,
            "phone": person.phone,
            "birth_date": person.birth_date,
            "gender": person.gender,
            "employed_on": demo.today - dt.timedelta(days=400 + 90 * n),
        }
        for n, (account_id, person, email) in enumerate(zip(accounts, persons, emails, strict=True))
    ]
    return await demo.add(StaffMember, rows)
