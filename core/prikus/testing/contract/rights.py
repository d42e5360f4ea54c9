"""The part of the contract about rights inside a clinic: a table says what each route needs, and reality must agree.

A right that the table names is needed: all others without it get 403. What it does not name is not needed: its rights
alone are enough. So what each shipped group gets follows from the table and the declared groups.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar

import msgspec
from sqlalchemy import insert, text

from prikus.access.groups import DIRECTOR, SHIPPED
from prikus.access.models import StaffPermission
from prikus.host.system import System
from prikus.testing.clinics import Client, Person, TestClinic
from prikus.testing.contract.base import Contract, State, state_of
from prikus.testing.contract.isolation import Make, new_marker
from prikus.testing.contract.samples import Sample

AUDIT = "core.audit_record"


class Table(msgspec.Struct, frozen=True):
    """What a plugin's routes need. `inside` are rights that open no route of their own: what they change, and where
    that is tested."""

    routes: Mapping[str, tuple[str, ...]]
    inside: Mapping[str, str] = {}

    def needed(self) -> set[str]:
        return {right for rights in self.routes.values() for right in rights}


@cache
def tables_of(path: Path) -> Mapping[str, Table]:
    return msgspec.convert(tomllib.loads(path.read_text()), dict[str, Table])


def rights_of_group(system: System, group: str | None) -> frozenset[str]:
    """The rights that a shipped group gets by what is declared."""
    declared = system.permissions.items()
    return frozenset(code for code, one in declared if group == DIRECTOR or group in one.default_groups)


async def person_with(clinic: TestClinic, group: str | None, **words: bool) -> Person:
    """A member of a group with individual words: `{"billing.invoice.pay": False}`."""
    person = await clinic.staff(group)
    rows = [{"staff_id": person.staff_id, "permission": code, "is_allowed": word} for code, word in words.items()]
    async with clinic.ctx_as("system") as ctx:
        if rows:
            await ctx.db.execute(insert(StaffPermission), rows)
        await ctx.db.execute(text("select core.bump_state()"))
    return person


async def check_refused(client: Client, samples: Iterable[Sample], who: str) -> int:
    """Exactly 403, whatever the request; how many."""
    answers = [(sample, await sample.sent(client)) for sample in samples]
    wrong = [f"{sample.line}: {answer.status_code}" for sample, answer in answers if answer.status_code != 403]
    assert not wrong, f"{who} gets something else than 403: {wrong}"
    return len(answers)


async def check_only_noted(clinic: TestClinic, before: State, refusals: int) -> None:
    """Refusals left nothing but a line of the audit each."""
    rows, versions = before[AUDIT]
    assert await state_of(clinic) == before | {AUDIT: (rows + refusals, versions + refusals)}


async def refusals_of(client: Client, samples: Iterable[Sample]) -> list[str]:
    """Samples that do not work. What they show may be less than a director sees: parts have rights of their own."""
    answers = [(sample, await sample.sent(client)) for sample in samples]
    return [f"{one.line}: {got.status_code} {got.text[:200]}" for one, got in answers if got.status_code >= 400]


class RightsContract(Contract):
    """Each route needs exactly the rights of its line in `table`."""

    table: ClassVar[Path]
    """A TOML file with `[<plugin>.routes]`: a route and the rights it needs; `[<plugin>.inside]`."""

    @property
    def rights(self) -> Table:
        return tables_of(self.table)[self.plugin]

    def sections(self, system: System) -> set[str]:
        """The sections of rights that this contract answers for."""
        return {self.plugin}

    def split(self, samples: Sequence[Sample], rights: Iterable[str]) -> tuple[list[Sample], list[Sample]]:
        """Those that somebody with these rights may send, and the others."""
        held, parts = set(rights), defaultdict[bool, list[Sample]](list)
        for sample in samples:
            parts[held.issuperset(self.rights.routes[sample.line])].append(sample)
        return parts[True], parts[False]

    async def test_every_route_and_every_right_has_a_line(self, clinic: TestClinic, system: System) -> None:
        lines = {sample.line for sample in await self.samples(clinic, new_marker())}
        routes, inside = set(self.rights.routes), set(self.rights.inside)
        assert lines == routes, f"without a line: {lines - routes}; without a sample: {routes - lines}"
        declared = {code for code, one in system.permissions.items() if one.section in self.sections(system)}
        needed = self.rights.needed()
        assert needed <= set(system.permissions), f"undeclared: {needed - set(system.permissions)}"
        assert declared <= needed | inside, f"declared and never needed: {declared - needed - inside}"
        assert not inside & needed, f"open routes after all: {inside & needed}"
        assert inside <= declared, f"undeclared: {inside - declared}"

    async def test_a_denied_right_closes_its_routes(self, clinic: TestClinic) -> None:
        """As somebody with all rights but one: 403 and nothing else happens."""
        samples = await self.samples(clinic, new_marker())
        clients = {
            right: (await clinic.client_as(await person_with(clinic, DIRECTOR, **{right: False}))).htmx
            for right in sorted(self.rights.needed())
        }
        before = await state_of(clinic)
        refusals = 0
        for right, client in clients.items():
            closed = [sample for sample in samples if right in self.rights.routes[sample.line]]
            refusals += await check_refused(client, closed, f"somebody without {right}")
        await check_only_noted(clinic, before, refusals)

    async def test_the_rights_of_its_line_are_enough(self, clinic: TestClinic) -> None:
        """The twin: as somebody with those rights and no other the same requests work."""
        by_rights = defaultdict[tuple[str, ...], list[Sample]](list)
        for sample in await self.samples(clinic, new_marker()):
            by_rights[self.rights.routes[sample.line]].append(sample)
        refused = []
        for rights, samples in by_rights.items():
            person = await person_with(clinic, None, **dict.fromkeys(rights, True))
            refused += await refusals_of((await clinic.client_as(person)).htmx, samples)
        assert not refused, refused

    async def test_groups_get_what_their_rights_say(self, make_clinic: Make, system: System) -> None:
        """Each shipped group and somebody without rights: what the table forbids is 403, the rest works."""
        clinic = await make_clinic()
        samples = await self.samples(clinic, new_marker())
        clients = {group: (await clinic.client_as(group)).htmx for group in (*SHIPPED, None)}
        before, refusals = await state_of(clinic), 0
        for group, client in clients.items():
            _, closed = self.split(samples, rights_of_group(system, group))
            refusals += await check_refused(client, closed, str(group))
        await check_only_noted(clinic, before, refusals)
        refused = {}
        for group, client in clients.items():
            allowed, _ = self.split(await self.samples(clinic, new_marker()), rights_of_group(system, group))
            refused[group] = await refusals_of(client, allowed)
        assert not any(refused.values()), refused
