"""What a step makes of an analysis, and when the next one is due. Without network and database."""

from __future__ import annotations

import datetime as dt

import msgspec

from prikus.toolkit import storable
from prikus_imaging.models import ImageAnalysis
from prikus_imaging.schemas import Step

LOOKS = (15, 30, 60, 120)
"""Seconds between questions while the service works; the last one again and again."""
PAUSES = (2, 5, 15, 60, 300, 900)
"""Seconds after a step that was refused for now."""
REFUSALS, REFUSED_FOR = 12, dt.timedelta(days=1)
"""What was refused so often and has not got on for so long is left to a person (reliability 17)."""
DOUBT_PAUSES = (15, 30, 60, 300, 900, 3600)
"""Seconds before looking whether a step was done whose answer was lost. After the last one a person decides."""
PATIENCE = dt.timedelta(hours=2)
"""How long one asks by oneself for an analysis that does not get on."""
REST = dt.timedelta(minutes=10)
SHORTEST = 1.0
ENDS = ("ready", "needs_teeth", "failed", "unclear")
ERASED = "Данные пациента стёрты."
TOO_LONG = "За два часа результата нет. Нажмите «Загрузить результаты», когда он появится на сайте сервиса."
UNCLEAR = "Ответ сервиса потерялся: неизвестно, принял ли он снимок. Проверьте на его сайте."
NEEDS_TEETH = "Находок нет. Откройте снимок на сайте сервиса, выберите зубы и нажмите «Загрузить результаты»."


def settle(analysis: ImageAnalysis, step: Step, now: dt.datetime) -> None:
    """Take in what a step came to. What it says to keep is kept, whatever else it says."""
    step = _storable(step)
    has_new = not step.refs.items() <= analysis.refs.items()
    analysis.refs = {**analysis.refs, **step.refs}
    analysis.report_url = step.report_url or analysis.report_url
    if step.trouble is not None:
        _refused(analysis, step, now)
        return
    analysis.is_doubtful = False
    if has_new or step.state != analysis.state:
        analysis.state_at, analysis.tries = now, 0
    analysis.state = step.state
    analysis.error = step.sentence
    if step.state in ENDS:
        _end(analysis, now)
    else:
        _go_on(analysis, step, now, has_new=has_new)


def _storable(step: Step) -> Step:
    """What a service said, without signs that no database takes and links that lead into a script."""
    report = step.report_url if (step.report_url or "").startswith("https://") else None
    refs = {name: storable(value) for name, value in step.refs.items()}
    sentence = None if step.sentence is None else storable(step.sentence)
    return msgspec.structs.replace(step, refs=refs, report_url=report and storable(report), sentence=sentence)


def _refused(analysis: ImageAnalysis, step: Step, now: dt.datetime) -> None:
    """What is wrong with the image waits for a person; what it analyses is not lost. The rest goes by itself."""
    analysis.error = step.sentence
    if step.trouble != "data":
        _pause(analysis, PAUSES, now)
        if analysis.tries >= REFUSALS and now - analysis.state_at > REFUSED_FOR:
            analysis.next_at = None
    elif analysis.state in ("queued", "sent"):
        give_up(analysis, step.sentence, now)
    else:
        analysis.next_at = None


def _end(analysis: ImageAnalysis, now: dt.datetime) -> None:
    analysis.next_at, analysis.finished_at = None, now
    if analysis.state == "needs_teeth":
        analysis.error = analysis.error or NEEDS_TEETH
    elif analysis.state == "unclear":
        analysis.is_doubtful, analysis.finished_at = True, None
        analysis.error = analysis.error or UNCLEAR


def _go_on(analysis: ImageAnalysis, step: Step, now: dt.datetime, *, has_new: bool) -> None:
    """At once after progress that asks for no pause; what does not get on is left to a person at last."""
    if step.wait_seconds is not None:
        seconds = max(SHORTEST, step.wait_seconds)
    elif step.state == "queued" and has_new:
        seconds = 0.0
    else:
        seconds = LOOKS[min(analysis.tries, len(LOOKS) - 1)]
    analysis.tries += 1
    due = now + dt.timedelta(seconds=seconds)
    if due - analysis.state_at > PATIENCE:
        analysis.next_at, analysis.error = None, TOO_LONG
    else:
        analysis.next_at = due


def give_up(analysis: ImageAnalysis, sentence: str | None, now: dt.datetime) -> None:
    """It is over without a result."""
    analysis.state, analysis.error, analysis.next_at, analysis.finished_at = "failed", sentence, None, now


def erase(analysis: ImageAnalysis, now: dt.datetime) -> None:
    """Its patient was erased: nothing that a service says is kept."""
    analysis.is_at_work, analysis.refs, analysis.report_url = False, {}, None
    give_up(analysis, ERASED, now)


def doubt(analysis: ImageAnalysis, now: dt.datetime, sentence: str | None = None) -> None:
    """The step may have been done: look, do not repeat. At last a person decides."""
    analysis.is_doubtful = True
    analysis.error = sentence
    if analysis.tries < len(DOUBT_PAUSES):
        _pause(analysis, DOUBT_PAUSES, now)
    elif analysis.state == "queued":
        analysis.state, analysis.next_at, analysis.error = "unclear", None, UNCLEAR
    else:
        analysis.next_at = None


def _pause(analysis: ImageAnalysis, pauses: tuple[int, ...], now: dt.datetime) -> None:
    analysis.next_at = now + dt.timedelta(seconds=pauses[min(analysis.tries, len(pauses) - 1)])
    analysis.tries += 1


def ask_now(analysis: ImageAnalysis, now: dt.datetime) -> None:
    """A person wants to know: everything is asked as often as in the beginning."""
    analysis.next_at, analysis.state_at, analysis.tries, analysis.error = now, now, 0, None
    if analysis.state == "unclear":
        analysis.state = "queued"


def pause_after(step: Step | None, failures: int) -> dt.timedelta:
    """How long nothing is asked of a connection after so many failures in a row."""
    if step is not None and step.trouble in ("credentials", "money"):
        return REST
    return dt.timedelta(seconds=PAUSES[min(failures, len(PAUSES)) - 1])
