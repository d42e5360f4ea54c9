"""Inside a clinic: what a right hides of a patient stands in no answer to anybody without that right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random

from sqlalchemy import text

from prikus.access.groups import DIRECTOR, SHIPPED
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.isolation import Make, new_marker
from prikus.testing.contract.rights import person_with
from prikus.testing.contract.samples import shown
from tests.campaigns.clinics_apart import all_samples

HIDING = "patients.sensitive.view"
FIELDS = {
    "core.patient": ("snils", "inn", "oms_policy_number"),
    "core.identity_document": ("series", "number", "issuer", "department_code"),
}
"""What the right hides: every text of these tables that names a document."""
DOCUMENTS = """
    insert into core.identity_document (patient_id, kind) select id, 'passport' from core.patient
    on conflict (clinic_id, patient_id) do nothing
"""


async def plant(clinic: TestClinic, chance: Random) -> Mapping[str, str]:
    """Write a number into each hidden field of every patient; the numbers by field."""
    planted = {f"{table}.{name}": f"{chance.randrange(10**11, 10**12)}" for table in FIELDS for name in FIELDS[table]}
    async with clinic.ctx_as("director") as ctx:
        await ctx.db.execute(text(DOCUMENTS))
        for table, names in FIELDS.items():
            values = ", ".join(f"{name} = '{planted[f'{table}.{name}']}'" for name in names)
            await ctx.db.execute(text(f"update {table} set {values}"))
    return planted


async def fields_in_answers(
    clinic: TestClinic, group: str | None, chance: Random, *, denied: bool
) -> tuple[dict[str, set[str]], Counter[int]]:
    """The hidden fields that stand in the answers to each sample, and how they were answered."""
    samples = await all_samples(clinic, new_marker())
    planted = await plant(clinic, chance)
    words = {HIDING: False} if denied else {}
    client = (await clinic.client_as(await person_with(clinic, group, **words))).htmx
    found: dict[str, set[str]] = {}
    statuses = Counter[int]()
    for sample in samples:
        answer = await sample.sent(client)
        statuses[answer.status_code // 100] += 1
        if fields := {field for field, number in planted.items() if shown(answer, number)}:
            found[sample.line] = fields
    return found, statuses


async def test_hidden_fields_stand_in_no_answer(
    make_clinic: Make, rounds: Callable[[int, int], int], chance: Random
) -> None:
    """A director without that one right first: what the other groups get is less."""
    for group in (*SHIPPED, None)[: rounds(2, 7)]:
        found, statuses = await fields_in_answers(await make_clinic(), group, chance, denied=True)
        print(f"{group} without {HIDING}: {statuses.total()} answers, {statuses[2]} of them with something in them")
        assert not found, f"{group}: {found}"
        assert statuses[2] > (100 if group == DIRECTOR else 0)
        assert not statuses[5]


async def test_with_the_right_they_are_shown(clinic: TestClinic, chance: Random) -> None:
    """The twin: the same samples show every one of these fields to the director."""
    found, _ = await fields_in_answers(clinic, DIRECTOR, chance, denied=False)
    every = {f"{table}.{name}" for table in FIELDS for name in FIELDS[table]}
    assert {field for fields in found.values() for field in fields} == every
    print(f"shown with {HIDING}: {found}")
