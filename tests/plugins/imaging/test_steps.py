"""What a step makes of an analysis, without network and database: states, pauses, doubts."""

from __future__ import annotations

import datetime as dt

import pytest

from prikus_imaging.models import ImageAnalysis
from prikus_imaging.schemas import State, Step, Trouble
from prikus_imaging.services.steps import DOUBT_PAUSES, doubt, settle

NOW = dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)


def analysis(state: State = "queued", **more: object) -> ImageAnalysis:
    given = {"refs": {}, "tries": 0, "is_doubtful": False, "state_at": NOW, "next_at": NOW, "error": None}
    return ImageAnalysis(**{"state": state, **given, **more})


def seconds(one: ImageAnalysis) -> float | None:
    return None if one.next_at is None else (one.next_at - NOW).total_seconds()


def test_one_asks_after_15_30_60_seconds_and_then_every_two_minutes_for_two_hours() -> None:
    one, now, pauses = analysis("sent", tries=0), NOW, list[float]()
    settle(one, Step(state="processing"), now)
    while one.next_at is not None:
        pauses.append((one.next_at - now).total_seconds())
        now = one.next_at
        settle(one, Step(state="processing"), now)
    assert pauses[:5] == [15, 30, 60, 120, 120]
    assert dt.timedelta(hours=1, minutes=55) < now - NOW <= dt.timedelta(hours=2)
    assert (one.state, bool(one.error)) == ("processing", True)


@pytest.mark.parametrize(
    ("step", "state", "pause"),
    [
        (Step(refs={"patient": "1"}), "queued", 0),
        (Step(), "queued", 15),
        (Step(wait_seconds=2), "queued", 2),
        (Step(wait_seconds=0), "queued", 1),
        (Step(state="sent", refs={"analysis": "1"}), "sent", 15),
        (Step(state="ready"), "ready", None),
        (Step(state="needs_teeth"), "needs_teeth", None),
        (Step(state="failed", sentence="Слишком тёмный."), "failed", None),
        (Step(state="unclear"), "unclear", None),
        (Step(trouble="busy", sentence="Занят."), "queued", 2),
        (Step(trouble="data", sentence="Не снимок."), "failed", None),
    ],
)
def test_what_a_step_says_is_what_becomes_of_it(step: Step, state: str, pause: float | None) -> None:
    one = analysis()
    settle(one, step, NOW)
    assert (one.state, seconds(one)) == (state, pause)
    assert one.refs == step.refs


@pytest.mark.parametrize(
    ("state", "end"), [("queued", "failed"), ("sent", "failed"), ("processing", "processing"), ("ready", "ready")]
)
def test_what_cannot_be_sent_fails_and_what_is_analysed_waits(state: State, end: str) -> None:
    one = analysis(state)
    settle(one, Step(trouble="data", sentence="Нет."), NOW)
    assert (one.state, one.next_at, one.error) == (end, None, "Нет.")


@pytest.mark.parametrize("trouble", ["busy", "money", "credentials", "data"])
def test_a_refusal_takes_no_results_away_and_ends_no_doubt(trouble: str) -> None:
    one = analysis("ready", is_doubtful=True, refs={"image": "1"})
    settle(one, Step(trouble=trouble, refs={"study": "2"}, sentence="Нет."), NOW)  # type: ignore[arg-type]
    assert (one.state, one.is_doubtful, one.error) == ("ready", True, "Нет.")
    assert one.refs == {"image": "1", "study": "2"}


@pytest.mark.parametrize("trouble", ["busy", "money", "credentials"])
def test_what_is_refused_for_a_day_is_left_to_a_person(trouble: Trouble) -> None:
    """Not at the first refusal of one that waited longer, while its service was off."""
    one, refused = analysis(refs={"image": "1"}), Step(trouble=trouble, sentence="Нет.")
    later = NOW + dt.timedelta(hours=25)
    for _ in range(11):
        settle(one, refused, later)
        assert one.next_at is not None
    settle(one, refused, NOW + dt.timedelta(hours=23))
    assert one.next_at is not None
    settle(one, refused, later)
    assert (one.state, one.next_at, one.error) == ("queued", None, "Нет.")


@pytest.mark.parametrize(("state", "end"), [("queued", "unclear"), ("sent", "sent"), ("ready", "ready")])
def test_a_doubt_is_looked_at_for_a_while_and_then_left_to_a_person(state: State, end: str) -> None:
    one, pauses = analysis(state), list[float | None]()
    for _ in range(len(DOUBT_PAUSES) + 1):
        doubt(one, NOW, "Связь прервалась.")
        pauses.append(seconds(one))
    assert pauses == [*DOUBT_PAUSES, None]
    assert (one.state, one.is_doubtful) == (end, True)
    settle(one, Step(refs={"image": "1"}), NOW)
    assert (one.state, one.is_doubtful, one.tries) == ("queued", False, 1)


def test_what_no_database_takes_and_no_link_may_be_is_left_out() -> None:
    one = analysis()
    said = Step(refs={"image": "a\0b"}, report_url="javascript:alert(1)", sentence="да\0нет")
    settle(one, said, NOW)
    assert (one.refs, one.report_url, one.error) == ({"image": "ab"}, None, "данет")
    settle(one, Step(report_url="https://eye.example/1"), NOW)
    assert one.report_url == "https://eye.example/1"
