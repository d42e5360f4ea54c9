"""Groups of rights as things of their own (PERM-01, PERM-04), and the rules that hold whatever is given to whom."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from prikus.access.models import GroupPermission, StaffGroup
from prikus.errors import Conflict, Denied, Invalid, Problem
from prikus.staff.services import rights
from prikus.staff.services.groups import GroupFields, add_group, delete_group, rename_group
from prikus.testing.clinics import TestClinic


async def rights_in(clinic: TestClinic, group: int) -> set[str]:
    async with clinic.ctx_as("system") as ctx:
        return set(await ctx.db.scalars(select(GroupPermission.permission).where(GroupPermission.group_id == group)))


@pytest.mark.spec(
    "PERM-01", bites="prikus.staff.services.groups:add_group:await ctx.db.execute(insert(GroupPermission)"
)
async def test_a_group_is_added_like_another_and_changed(clinic, client_as, group_id) -> None:
    director, doctors = await client_as("director"), await group_id("doctor")
    form = (await director.htmx.get("/staff/groups/new")).text
    assert f'<option value="{doctors}" >Врач</option>' in form
    made = await director.htmx.post("/staff/groups/new", data={"title": "Главный врач", "like": doctors})
    path = made.headers["HX-Redirect"]
    page = (await director.get(path)).text
    assert "Главный врач" in page
    ticked = re.findall(r'name="rights" value="([\w.]+)" checked', page)
    assert "patients.patient.view" in ticked
    assert await rights_in(clinic, int(path.rsplit("/")[-1])) == await rights_in(clinic, doctors)


@pytest.mark.spec("PERM-01", part="people", bites="prikus.access.visits:read_rights:.join(StaffGroup")
async def test_a_person_of_a_new_group_can_what_it_ticks(clinic, client_as, staff) -> None:
    member = await staff(None)
    async with clinic.ctx_as("director") as ctx:
        made = await add_group(ctx, GroupFields("Кассир"))
        ctx.db.add(StaffGroup(staff_id=member.staff_id, group_id=made))
    hers = await client_as(member)
    assert (await hers.get("/trash/")).status_code == 403
    async with clinic.ctx_as("director") as ctx:
        seen = await rights.rights_of_group(ctx, made)
        await rights.set_group_rights(ctx, made, seen.row_version, ["trash.page.view"])
    assert (await hers.get("/trash/", follow_redirects=True)).status_code == 200


async def test_titles_are_unique_and_short(clinic, group_id) -> None:
    doctors = await group_id("doctor")
    for title, said in (("Бухгалтер", "уже есть"), ("я" * 101, "не больше 100")):
        with pytest.raises(Invalid) as refused:
            async with clinic.ctx_as("director") as ctx:
                await add_group(ctx, GroupFields(title))
        assert said in str(refused.value.fields["title"])
        with pytest.raises(Invalid):
            async with clinic.ctx_as("director") as ctx:
                await rename_group(ctx, doctors, title)


@pytest.mark.spec("PERM-04", bites="prikus.staff.services.groups:delete_group:if people:")
async def test_a_group_with_people_stays_and_an_empty_one_goes_to_the_trash(client_as, staff, group_id) -> None:
    director, doctors = await client_as("director"), await group_id("doctor")
    doctor = await staff("doctor", last_name="Петрова")
    refused = await director.htmx.post(f"/staff/groups/{doctors}/delete")
    assert refused.status_code == 409
    assert "есть люди: 1" in refused.text
    await director.htmx.post(f"/staff/{doctor.staff_id}/delete")
    assert (await director.htmx.post(f"/staff/groups/{doctors}/delete")).headers["HX-Redirect"] == "/staff/groups"
    assert (await director.get(f"/staff/groups/{doctors}")).status_code == 404
    assert "Врач" in (await director.get("/trash/groups")).text
    assert (await director.htmx.post(f"/trash/groups/{doctors}/restore")).is_success
    assert (await director.get(f"/staff/groups/{doctors}")).status_code == 200


async def test_the_directors_group_is_never_deleted(clinic, group_id) -> None:
    with pytest.raises(Conflict, match="руководителя"):
        async with clinic.ctx_as("director") as ctx:
            await delete_group(ctx, await group_id("director"))


async def test_a_group_like_a_richer_one_is_refused(clinic, staff, group_id) -> None:
    deputy = await staff("administrator")
    await allow(clinic, deputy, "staff.group.edit")
    with pytest.raises(Denied, match="Выдать можно только"):
        async with clinic.ctx_as(deputy) as ctx:
            await add_group(ctx, GroupFields("Второй руководитель", await group_id("director")))


async def allow(clinic: TestClinic, person, *codes: str) -> None:
    async with clinic.ctx_as("director") as ctx:
        seen = await rights.rights_of_person(ctx, person.staff_id)
        await rights.set_person_rights(ctx, person.staff_id, seen.row_version, dict.fromkeys(codes, True))


class Model:
    """What the rules say, without a database: rights of groups, groups of people, their own words."""

    def __init__(self, groups: dict[int, set[str]], members: dict[int, set[int]]) -> None:
        self.groups, self.members = groups, members
        self.words: dict[int, dict[str, bool]] = {person: {} for person in members}

    def can(self, person: int) -> set[str]:
        given = set().union(*(self.groups[group] for group in self.members[person]))
        words = self.words[person]
        return (given | {c for c, word in words.items() if word}) - {c for c, word in words.items() if not word}


@pytest.mark.spec("PERM-03", part="any order of changes", bites="prikus.staff.services.guard:refuse_beyond:if beyond:")
async def test_whatever_is_given_denies_win_and_nobody_gives_what_they_lack(
    clinic: TestClinic, staff, system, rounds: Callable[[int, int], int], chance: random.Random
) -> None:
    """Random words of random people about each other, compared after every step with the rules written down above."""
    codes = [code for code, right in system.permissions.items() if right.section not in system.plugins]
    people = [await staff(None) for _ in range(4)]
    ids = {person.staff_id: person for person in people}
    async with clinic.ctx_as("director") as ctx:
        made = [await add_group(ctx, GroupFields(f"Группа {n}")) for n in range(3)]
        for n, person in enumerate(people):
            rows = [{"staff_id": person.staff_id, "group_id": group} for group in made[: n or 1]]
            await ctx.db.execute(insert(StaffGroup), rows)
    model = Model({group: set() for group in made}, {p.staff_id: set(made[: n or 1]) for n, p in enumerate(people)})
    for person in people:
        await allow(clinic, person, "staff.member.rights", "staff.group.edit")
        model.words[person.staff_id] = {"staff.member.rights": True, "staff.group.edit": True}
    actors: list[object] = ["director", *people]
    refused = 0
    for _ in range(rounds(60, 2000)):
        actor = chance.choice(actors)
        has = set(codes) if actor == "director" else model.can(actor.staff_id)  # type: ignore[attr-defined]
        step = chance.choice((_word_about_a_person, _ticks_of_a_group))
        expected = step(model, chance, codes, has, ids, made)
        try:
            async with clinic.ctx_as(actor) as ctx:
                await expected.run(ctx)
            assert expected.allowed, f"{actor} gave {expected.said}"
            expected.keep()
        except Problem:
            assert not expected.allowed, f"{actor} could not give {expected.said}"
            refused += 1
        for staff_id, person in ids.items():
            async with clinic.ctx_as(person) as ctx:
                assert ctx.rights & set(codes) == model.can(staff_id), expected.said
    assert refused > 5
    assert any(model.can(staff_id) for staff_id in ids)


class Step:
    """One change: how to make it, whether the rules allow it, what the model is afterwards."""

    def __init__(self, run, allowed: bool, keep, said: object) -> None:
        self.run, self.allowed, self.keep, self.said = run, allowed, keep, said


def _word_about_a_person(model: Model, chance: random.Random, codes, has, ids, _made) -> Step:
    target = chance.choice(list(ids))
    words = {code: chance.random() < 0.6 for code in chance.sample(codes, chance.randrange(4))}
    before = model.can(target)
    tried = Model(model.groups, model.members)
    tried.words = {**model.words, target: words}
    gained = tried.can(target) - before

    async def run(ctx) -> None:
        seen = await rights.rights_of_person(ctx, target)
        await rights.set_person_rights(ctx, target, seen.row_version, words)

    return Step(
        run,
        "staff.member.rights" in has and gained <= has,
        lambda: model.words.update({target: words}),
        (target, words),
    )


def _ticks_of_a_group(model: Model, chance: random.Random, codes, has, _ids, made) -> Step:
    group = chance.choice(made)
    ticks = set(chance.sample(codes, chance.randrange(6)))

    async def run(ctx) -> None:
        seen = await rights.rights_of_group(ctx, group)
        await rights.set_group_rights(ctx, group, seen.row_version, ticks)

    return Step(
        run,
        "staff.group.edit" in has and ticks - model.groups[group] <= has,
        lambda: model.groups.update({group: ticks}),
        (group, ticks),
    )
