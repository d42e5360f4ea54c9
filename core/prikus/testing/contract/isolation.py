"""The part of the contract about isolation between clinics (reliability 1–5).

Every sample is sent by a director of another clinic once for each number in it, with the number of the first clinic in
that place. Where policies and keys are taken away the same requests must succeed: else they proved nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection
from typing import ClassVar

import msgspec
from httpx import Response

from prikus.testing.clinics import Client, TestClinic, open_test_clinic
from prikus.testing.contract.base import Contract, Door, state_of
from prikus.testing.contract.samples import MISSING, Bound, Filter, Id, Place, Sample, is_refused, shown
from prikus.testing.house import House
from prikus.testing.unguarded import unguard

Make = Callable[..., Awaitable[TestClinic]]


class Attempt(msgspec.Struct, frozen=True):
    """A stranger's request with a foreign number in one place. `missing` is the same with a number that nobody has."""

    place: Place
    foreign: Sample
    missing: Sample
    kind: type[Id]

    def __str__(self) -> str:
        return f"{self.foreign}, {self.place}"


class Pair(msgspec.Struct, frozen=True):
    """A stranger and a victim with the same samples, each of its own objects."""

    stranger: TestClinic
    victim: TestClinic
    mine: list[Sample]
    theirs: list[Sample]
    marker: str

    def attempts(self) -> list[Attempt]:
        """Every place of every sample, with the victim's number in it."""
        return [
            Attempt(place, own.swapped(place, foreign.value(place)), own.swapped(place, MISSING), type(number))
            for own, foreign in zip(self.mine, self.theirs, strict=True)
            for place, number in own.places()
        ]


def new_marker() -> str:
    """A word that stands nowhere else."""
    return f"Mk{secrets.token_hex(5)}"


async def check_attempt(client: Client, attempt: Attempt, marker: str) -> None:
    """The foreign number is refused without a word about what it names, or is as good as one that nobody has."""
    answer = await attempt.foreign.sent(client)
    assert not shown(answer, marker), f"{attempt}: shows the other clinic's {marker}"
    if attempt.kind is Filter:
        assert answer.status_code < 400, f"{attempt}: {answer.status_code}"
    elif attempt.kind is Bound:
        assert answer.status_code in (404, 422), f"{attempt}: {answer.status_code}"
    else:
        assert is_refused(answer, attempt.place), f"{attempt}: {answer.status_code} {answer.text[:300]}"


async def check_owner(client: Client, clinic: TestClinic, sample: Sample, marker: str) -> None:
    """The sample works for its owner, shows the marker, changes something."""
    before = await state_of(clinic) if sample.is_to_change else None
    answer = await sample.sent(client)
    assert answer.status_code < 400, f"{sample}: {answer.status_code} for the owner: {answer.text[:300]}"
    if sample.is_to_show:
        assert shown(answer, marker), f"{sample}: no {marker} for the owner"
    if before is not None:
        assert await state_of(clinic) != before, f"{sample}: changed nothing for the owner"


class IsolationContract(Contract):
    """Nothing of a clinic is reached from another one."""

    without_clinic: ClassVar[Collection[str]] = ()
    """Paths, or routes `POST /path`, that no sample can have, each with a reason beside it."""

    async def pair(self, stranger: TestClinic, victim: TestClinic) -> Pair:
        marker = new_marker()
        theirs = await self.samples(victim, marker)
        return Pair(stranger, victim, await self.samples(stranger, new_marker()), theirs, marker)

    async def test_every_route_has_a_sample_and_every_sample_a_route(
        self, clinic: TestClinic, doors: list[Door]
    ) -> None:
        sampled = {str(sample) for sample in await self.samples(clinic, new_marker())}
        routes = {str(door) for door in doors if not {door.path, str(door)} & {*self.without_clinic}}
        assert sampled == routes, f"without a sample: {routes - sampled}; without a route: {sampled - routes}"

    async def test_samples_work_for_their_owner(self, clinic: TestClinic, make_clinic: Make) -> None:
        """In two clinics, one after the other: a key of idempotency that the first has used is new to the second."""
        for owner in (clinic, await make_clinic()):
            marker = new_marker()
            director = (await owner.client_as("director")).htmx
            for sample in await self.samples(owner, marker):
                await check_owner(director, owner, sample, marker)

    async def test_another_clinics_numbers_are_refused(self, clinic: TestClinic, make_clinic: Make) -> None:
        pair = await self.pair(await make_clinic(), clinic)
        director = (await pair.stranger.client_as("director")).htmx
        before = await state_of(pair.victim), await state_of(pair.stranger)
        attempts = pair.attempts()
        for attempt in attempts:
            await check_attempt(director, attempt, pair.marker)
        assert (await state_of(pair.victim), await state_of(pair.stranger)) == before
        assert attempts or not any(sample.path.count("{") for sample in pair.mine)

    async def test_without_policies_and_keys_they_would_leak(self, unguarded: House, doors: list[Door]) -> None:
        """The twin. One place of each sample at a time, since what works also changes what the next would meet."""
        stranger, victim = await open_test_clinic(unguarded), await open_test_clinic(unguarded)
        turn, tight = 0, []
        while chosen := await self._at_turn(stranger, victim, turn):
            director = (await stranger.client_as("director")).htmx
            marker, attempts = chosen
            for attempt in attempts:
                tight += await refusal_of(director, attempt, marker)
            turn += 1
        assert turn or not doors
        assert not tight, f"prove nothing, since without the guards they are refused too: {tight}"

    async def _at_turn(self, stranger: TestClinic, victim: TestClinic, turn: int) -> tuple[str, list[Attempt]] | None:
        """One attempt of each sample that has so many, made of new objects."""
        await unguard(victim.house, stranger.id, victim.id)
        pair = await self.pair(stranger, victim)
        attempts = [attempts[turn] for attempts in by_sample(pair) if turn < len(attempts)]
        return (pair.marker, attempts) if attempts else None


def by_sample(pair: Pair) -> list[list[Attempt]]:
    """The attempts of each sample that must leak without the guards."""
    both = zip(pair.mine, pair.theirs, strict=True)
    alone = [Pair(pair.stranger, pair.victim, [own], [theirs], pair.marker) for own, theirs in both]
    return [[attempt for attempt in one.attempts() if attempt.kind is Id] for one in alone]


async def refusal_of(client: Client, attempt: Attempt, marker: str) -> list[str]:
    """The answer, unless it shows the other clinic's marker or, where it could not, does what was asked."""
    answer: Response = await attempt.foreign.sent(client)
    has_no_marker = attempt.foreign.method == "POST" or not attempt.foreign.is_to_show
    if shown(answer, marker) or (has_no_marker and answer.status_code < 400):
        return []
    return [f"{attempt}: {answer.status_code} {answer.text[:200]}"]
