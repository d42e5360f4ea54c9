"""Between clinics, over HTTP: every number of another clinic in every place of every route, by every kind of staff."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from itertools import count
from random import Random

from prikus.access.groups import SHIPPED
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.base import state_of
from prikus.testing.contract.isolation import Attempt, Make, Pair, check_attempt, new_marker
from prikus.testing.contract.samples import Filter, shown
from tests.campaigns.clinics_apart import all_samples

TOGETHER = 6
SIGNING = "/clinics-of-mine"


async def pairs_of(stranger: TestClinic, victims: list[TestClinic]) -> list[Pair]:
    mine = await all_samples(stranger, new_marker())
    found = []
    for victim in victims:
        marker = new_marker()
        found.append(Pair(stranger, victim, mine, await all_samples(victim, marker), marker))
    return found


async def check_quietly(client: Client, attempt: Attempt, marker: str, allowed: tuple[int, ...]) -> None:
    answer = await attempt.foreign.sent(client)
    assert not shown(answer, marker), f"{attempt}: shows the other clinic's {marker}"
    is_filter = attempt.kind is Filter and answer.status_code < 400
    assert is_filter or answer.status_code in allowed, f"{attempt}: {answer.status_code}"


class Confusion:
    """Any number of a victim in any place of the stranger's samples."""

    def __init__(self, pairs: list[Pair], chance: Random) -> None:
        self._chance = chance
        placed = [(one, [place for place, _ in one.places()]) for one in pairs[0].mine if one.path != SIGNING]
        self._samples = [(one, places) for one, places in placed if places]
        self._foreign = [(pair.marker, [number for one in pair.theirs for _, number in one.places()]) for pair in pairs]

    async def check(self, client: Client) -> None:
        """The number may name a row of the stranger's own, never one of the victim's."""
        sample, places = self._chance.choice(self._samples)
        marker, numbers = self._chance.choice(self._foreign)
        place = self._chance.choice(places)
        answer = await sample.swapped(place, self._chance.choice(numbers)).sent(client)
        assert not shown(answer, marker), f"{sample}, {place}: shows the other clinic's {marker}"
        assert answer.status_code < 500, f"{sample}, {place}: {answer.status_code}"
        assert answer.status_code != 401, f"{sample}, {place}: the session is over"


async def all_of(checks: Iterable[Awaitable[None]]) -> int:
    """Make all checks, a few at a time: most of one is waiting for the database. How many there were."""
    left, counted = iter(checks), count()

    async def one_after_another() -> None:
        for check in left:
            await check
            next(counted)

    async with asyncio.TaskGroup() as group:
        for _ in range(TOGETHER):
            group.create_task(one_after_another())
    return next(counted)


async def test_no_number_opens_another_clinic(
    make_clinic: Make, rounds: Callable[[int, int], int], chance: Random
) -> None:
    began, counted = time.monotonic(), Counter[str]()
    stranger = await make_clinic()
    victims = [await make_clinic() for _ in range(rounds(2, 10))]
    pairs = await pairs_of(stranger, victims)
    before = {victim.id: await state_of(victim) for victim in victims}
    plain = await stranger.client_as("director")
    director, others = plain.htmx, {group: (await stranger.client_as(group)).htmx for group in (*SHIPPED, None)}
    for pair in pairs:
        attempts = pair.attempts()
        counted["director"] += await all_of(check_attempt(director, one, pair.marker) for one in attempts)
        allowed = (303, 404, 422)
        counted["director"] += await all_of(check_quietly(plain, one, pair.marker, allowed) for one in attempts)
    for group, client in others.items():
        attempts, marker = pairs[0].attempts(), pairs[0].marker
        counted[str(group)] += await all_of(check_quietly(client, one, marker, (403, 404, 422)) for one in attempts)
    confusion = Confusion(pairs, chance)
    rest = rounds(2_000, 20_000) - counted.total()
    counted["confused"] += await all_of(confusion.check(director) for _ in range(rest))
    assert {victim.id: await state_of(victim) for victim in victims} == before
    print(f"{counted.total()} attempts, 0 through, {time.monotonic() - began:.0f} s: {dict(counted)}")
    assert counted.total() >= rounds(2_000, 20_000)
    assert counted["director"] >= 2 * 60 * len(victims)
