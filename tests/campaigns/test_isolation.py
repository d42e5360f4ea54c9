"""Between clinics, over HTTP: every number of another clinic in every place of every route, by every kind of staff."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

from prikus.access.groups import SHIPPED
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.base import state_of
from prikus.testing.contract.isolation import Attempt, Make, Pair, check_attempt, new_marker
from prikus.testing.contract.samples import Filter, shown
from tests.campaigns.clinics_apart import all_samples

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


async def check_confused(client: Client, pair: Pair, chance: Random) -> None:
    """Any number of the victim in any place: it may name a row of the stranger's own, never one of the victim's."""
    numbers = [number for sample in pair.theirs for _, number in sample.places()]
    sample = chance.choice([one for one in pair.mine if one.path != SIGNING and list(one.places())])
    place, _ = chance.choice(list(sample.places()))
    answer = await sample.swapped(place, chance.choice(numbers)).sent(client)
    assert not shown(answer, pair.marker), f"{sample}, {place}: shows the other clinic's {pair.marker}"
    assert answer.status_code < 500, f"{sample}, {place}: {answer.status_code}"
    assert answer.status_code != 401, f"{sample}, {place}: the session is over"


async def test_no_number_opens_another_clinic(
    make_clinic: Make, rounds: Callable[[int, int], int], chance: Random
) -> None:
    began, counted = time.monotonic(), Counter[str]()
    stranger = await make_clinic()
    victims = [await make_clinic() for _ in range(rounds(3, 10))]
    pairs = await pairs_of(stranger, victims)
    before = {victim.id: await state_of(victim) for victim in victims}
    plain = await stranger.client_as("director")
    director, others = plain.htmx, {group: (await stranger.client_as(group)).htmx for group in (*SHIPPED, None)}
    for pair in pairs:
        for attempt in pair.attempts():
            await check_attempt(director, attempt, pair.marker)
            await check_quietly(plain, attempt, pair.marker, (303, 404, 422))
            counted["director"] += 2
    for group, client in others.items():
        for attempt in pairs[0].attempts():
            await check_quietly(client, attempt, pairs[0].marker, (403, 404, 422))
            counted[str(group)] += 1
    while counted.total() < rounds(5_000, 20_000):
        await check_confused(director, chance.choice(pairs), chance)
        counted["confused"] += 1
    assert {victim.id: await state_of(victim) for victim in victims} == before
    print(f"{counted.total()} attempts, 0 through, {time.monotonic() - began:.0f} s: {dict(counted)}")
    assert counted.total() >= 5_000
    assert counted["director"] >= 2 * 60 * len(victims)
