"""The queue of a connection: one worker and one step at a time, under a lease (reliability 14–16, 21).

What a step returned is committed before the next one; a step that may have been done is looked for, not repeated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import func, select

from prikus.toolkit import ConnectionQueue, Context, Invalid, OpenConnection, OutsideFailed, Patient, Problem, failpoint
from prikus_imaging.models import AnalysisQueue, DentalImage, ImageAnalysis
from prikus_imaging.schemas import ImageJob, ImageProvider, Step
from prikus_imaging.services import findings
from prikus_imaging.services.connected import providers
from prikus_imaging.services.handing import job_of
from prikus_imaging.services.reaching import is_paused
from prikus_imaging.services.steps import doubt, erase, give_up, pause_after, settle
from prikus_imaging.services.telling import WAITING, changed, tell_analysed

NO_FILE = "Файла снимка нет: отправлять нечего."
NO_ANSWER = "Сервис не ответил."
RESULTS = ("ready", "needs_teeth")
"""States that come with all findings: with none where teeth have to be chosen first."""


class Turn(msgspec.Struct, frozen=True):
    """One step that is about to be taken."""

    connection: OpenConnection[Any]
    provider: ImageProvider
    job: ImageJob


class Heard(msgspec.Struct, frozen=True):
    """What a step came to, or None where nobody knows, with what was said of it."""

    step: Step | None
    said: str | None = None

    @property
    def trouble(self) -> str | None:
        """What ails the service, in words."""
        if self.step is None:
            return self.said or NO_ANSWER
        ails = self.step.trouble is not None and self.step.trouble != "data"
        return (self.step.sentence or NO_ANSWER) if ails else None


class Analysing(ConnectionQueue[AnalysisQueue, Turn, Heard]):
    """One run over the queue of a connection."""

    model = AnalysisQueue
    lease = dt.timedelta(minutes=6)
    """An upload may take as long as a worker lets a piece of work take."""

    def __init__(self, outside: Context, connection_id: int) -> None:
        super().__init__(connection_id)
        self.outside = outside

    def kinds(self, ctx: Context) -> Collection[str]:
        return providers(ctx)

    async def recover(self, ctx: Context, head: AnalysisQueue, now: dt.datetime) -> None:
        lost = ImageAnalysis.connection_id == self.connection_id, ImageAnalysis.is_at_work
        for analysis in await ctx.db.scalars(select(ImageAnalysis).where(*lost).with_for_update()):
            analysis.is_at_work = False
            doubt(analysis, now)
        await ctx.db.flush()

    async def find(self, ctx: Context, connection: OpenConnection[Any], now: dt.datetime) -> Turn | None:
        return await _next(ctx, self.outside, connection, now)

    async def ask(self, outside: Context, step: Turn) -> Heard:
        failpoint("before_send")
        heard = await _taken(outside, step)
        failpoint("after_send")
        return heard

    def trouble(self, answer: Heard) -> str | None:
        return answer.trouble

    def pause(self, step: Turn, answer: Heard, failures: int) -> dt.timedelta:
        return pause_after(answer.step, failures)

    async def write(self, ctx: Context, step: Turn, answer: Heard, now: dt.datetime, *, is_mine: bool) -> None:
        """After another worker has taken over, what the service gave is kept all the same."""
        if is_mine or (answer.step is not None and answer.step.trouble is None):
            analysis = await ctx.load(ImageAnalysis, step.job.id, lock=True)
            await _take_in(ctx, analysis, answer, now, is_mine=is_mine)

    async def waits(self, ctx: Context) -> dt.datetime | None:
        mine = ImageAnalysis.connection_id == self.connection_id
        return await ctx.db.scalar(select(func.min(ImageAnalysis.next_at)).where(mine, ~is_paused()))


async def work(outside: Context, connection_id: int) -> dt.datetime | None:
    """Take the steps that are due. Returns when somebody should look again, None when nobody needs to."""
    return await Analysing(outside, connection_id).run(outside)


async def _next(ctx: Context, outside: Context, connection: OpenConnection[Any], now: dt.datetime) -> Turn | None:
    """A question that is due, else what was begun, else the image that waits longest."""
    while (analysis := await _due(ctx, connection.id, now)) is not None:
        image = await ctx.db.get_one(DentalImage, (ctx.clinic.id, analysis.image_id))
        job = await job_of(ctx, outside, analysis, image, connection)
        if job is not None:
            analysis.is_at_work = True
            return Turn(connection, providers(ctx)[connection.kind], job)
        give_up(analysis, NO_FILE, now)
        await ctx.db.flush()
        changed(ctx, image)
    return None


async def _due(ctx: Context, connection_id: int, now: dt.datetime) -> ImageAnalysis | None:
    """One upload at a time: no image is begun while another one gets on its way up. What does not get on comes last."""
    mine = select(ImageAnalysis).where(ImageAnalysis.connection_id == connection_id, ~is_paused())
    is_begun = ImageAnalysis.refs != {}
    is_queued = ImageAnalysis.state == "queued"
    is_stuck = ImageAnalysis.error.is_not(None)
    on_its_way = mine.where(is_queued, is_begun, ~is_stuck, ImageAnalysis.next_at.is_not(None)).limit(1)
    due = mine.where(ImageAnalysis.next_at <= now)
    if await ctx.db.scalar(on_its_way) is not None:
        due = due.where(~is_queued | is_begun)
    by = (is_stuck, is_queued, ~is_begun, ImageAnalysis.next_at, ImageAnalysis.id)
    return await ctx.db.scalar(due.order_by(*by).limit(1).with_for_update())


async def _taken(outside: Context, turn: Turn) -> Heard:
    try:
        return Heard(await turn.provider.advance(outside, turn.connection, turn.job))
    except Invalid as invalid:
        return Heard(Step(trouble="data", sentence=" ".join(invalid.fields.values()) or invalid.sentence))
    except OutsideFailed as failure:
        refused = Step(trouble="busy", sentence=failure.sentence)
        return Heard(None, failure.sentence) if failure.is_unknown else Heard(refused)
    except Problem as problem:
        return Heard(None, problem.sentence)


async def _take_in(ctx: Context, analysis: ImageAnalysis, heard: Heard, now: dt.datetime, *, is_mine: bool) -> None:
    image = await ctx.db.get_one(DentalImage, (ctx.clinic.id, analysis.image_id))
    patient = await ctx.db.get_one(Patient, (ctx.clinic.id, image.patient_id))
    if patient.erased_at is not None:
        erase(analysis, now)
    else:
        await _keep(ctx, analysis, image, heard, now, is_mine=is_mine)
    changed(ctx, image)
    ctx.changed(WAITING)


async def _keep(
    ctx: Context, analysis: ImageAnalysis, image: DentalImage, heard: Heard, now: dt.datetime, *, is_mine: bool
) -> None:
    before = analysis.state
    analysis.is_at_work = False
    if heard.step is None:
        doubt(analysis, now, heard.said)
    else:
        settle(analysis, heard.step, now)
    if image.deleted_at is not None:
        analysis.next_at = None
    await ctx.db.flush()
    if heard.step is None:
        return
    is_all = is_mine and heard.step.trouble is None and heard.step.state in RESULTS
    known = await findings.keep(ctx, analysis.id, heard.step.findings, is_all=is_all)
    if analysis.state == "ready" and before != "ready":
        await tell_analysed(ctx, image, analysis, known)


async def due_connections(ctx: Context) -> list[int]:
    """Connections with analyses that somebody should have looked at."""
    due = ImageAnalysis.next_at <= func.now(), ~is_paused()
    query = select(ImageAnalysis.connection_id).where(*due).distinct()
    return [id for id in await ctx.db.scalars(query) if id is not None]
