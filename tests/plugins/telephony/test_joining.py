"""Events of legs in any order, any number of times, are the same call."""

from __future__ import annotations

import datetime as dt
from itertools import count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prikus_telephony.schemas import Leg
from prikus_telephony.services import joining
from prikus_telephony.services.joining import LegFacts, heard, joined

START = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
NUMBERS = (None, "+79990000001", "9990000002")

legs = st.builds(
    Leg,
    external_id=st.just("c"),
    leg_id=st.sampled_from(("l1", "l2", "l3")),
    direction=st.sampled_from(("in", "out")),
    state=st.sampled_from(("ringing", "answered", "released")),
    at=st.integers(0, 60).map(lambda second: START + dt.timedelta(seconds=second)),
    client_number=st.sampled_from(NUMBERS),
    virtual_number=st.sampled_from(NUMBERS),
    extension=st.sampled_from((None, "101", "102")),
    is_internal=st.booleans(),
    order=st.integers(0, 3),
)


def call_of(events: list[Leg]) -> tuple[joining.CallFacts, dict[str, LegFacts]]:
    known: dict[str, LegFacts] = {}
    for event in events:
        known[event.leg_id] = heard(known.get(event.leg_id), event)
    return joined(known.values()), known


@given(st.lists(legs, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_late_shuffled_and_repeated_legs_give_the_same_call(events: list[Leg], random: Random) -> None:
    again = [*events, *random.choices(events, k=3)]
    random.shuffle(again)
    assert call_of(again) == call_of(events)


def test_twin_when_the_last_word_heard_wins_the_order_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Leg(external_id="c", leg_id="l", direction="out", state="ringing", at=START, client_number="1")
    second = Leg(
        external_id="c",
        leg_id="l",
        direction="out",
        state="answered",
        at=START + dt.timedelta(seconds=1),
        client_number="+79990000001",
    )
    assert call_of([first, second]) == call_of([second, first])
    turns = count()
    monkeypatch.setattr(joining, "_order", lambda word: next(turns))
    assert call_of([first, second])[0].client_number != call_of([second, first])[0].client_number


def test_a_group_call_is_answered_by_one() -> None:
    at = [START + dt.timedelta(seconds=second) for second in range(40)]

    def event(leg: str, state: str, second: int) -> Leg:
        return Leg(
            external_id="c",
            leg_id=leg,
            direction="in",
            state=state,  # type: ignore[arg-type]
            at=at[second],
            client_number="+79990000001",
            extension=f"10{leg}",
        )

    ringing = [event(leg, "ringing", 0) for leg in "123"]
    call, _ = call_of([*ringing, event("2", "answered", 5), event("1", "released", 5), event("3", "released", 5)])
    assert (call.extension, call.is_over, call.answered_at) == ("102", False, at[5])
    call, _ = call_of([*ringing, event("2", "answered", 5), *(event(leg, "released", 30) for leg in "123")])
    assert (call.is_over, call.seconds, call.client_number) == (True, 25, "+79990000001")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("9123401289", "+79123401289"),
        ("8 912 340-12-89", "+79123401289"),
        ("tel:+79123401289", "+79123401289"),
        ("+442071838750", "+442071838750"),
        ("anonymous", None),
        (None, None),
    ],
)
def test_numbers_are_compared_in_one_form(told: str | None, kept: str | None) -> None:
    assert joining.e164(told) == kept
