"""The upload of an image: a session, an address for the file, the file, the end of the session."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prikus.toolkit import Problem
from prikus_imaging.public import ImageJob, Step
from prikus_integrations_diagnocat.schemas import (
    SessionInfo,
    SessionOpened,
    SessionState,
    Uploading,
    UploadUrl,
    UploadUrls,
)
from prikus_integrations_diagnocat.services.client import Diagnocat, Refused, UploadExpired, words_of

NOTIFY_SECONDS = 10.0
"""A session that hears nothing dies in five minutes; the service wants a word every 30 s."""
SOON, SOON_FOR = 2.0, dt.timedelta(minutes=6)
AGAIN_SECONDS = 5.0
MOST_TRIES = 3
CLOSE_HEARD = ("closing", "closed", "error")
ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}
NO_ADDRESS = "Diagnocat не дал адреса для загрузки снимка."
GIVEN_UP = "Загрузить снимок в Diagnocat не удалось: {reason}"


async def open_session(service: Diagnocat, job: ImageJob) -> Step:
    """One that nobody uses dies by itself, so that after a lost answer there is simply another one."""
    said = await service.upload("open-session", SessionOpened, {"study_uid": job.refs["study"]})
    if not said.session_id:
        raise Refused("Diagnocat не открыл загрузку снимка.", "data")
    return Step(refs={"session": said.session_id})


async def put_file(service: Diagnocat, job: ImageJob) -> Step:
    """Once more under the same name is the same file."""
    session, key = job.refs["session"], f"image.{ENDINGS.get(job.media_type, 'dcm')}"
    asked = {"session_id": session, "keys": [key]}
    try:
        said = await service.upload("request-upload-urls", UploadUrls, asked)
    except Refused as refused:
        return _anew(job, refused)
    try:
        async with _alive(service, session):
            await service.put(_address(said.upload_urls, key), job.open)
    except UploadExpired as expired:
        return _again(job, expired.sentence)
    return Step(refs={"put": session})


def _address(urls: list[UploadUrl], key: str) -> str:
    named = [one.url for one in urls if one.key == key]
    found = named or [one.url for one in urls if not one.key]
    if not found:
        raise Refused(NO_ADDRESS, "data")
    return found[0]


@asynccontextmanager
async def _alive(service: Diagnocat, session: str) -> AsyncIterator[None]:
    """Tell the session that it is used, for as long as this takes."""
    is_over = asyncio.Event()

    async def notify() -> None:
        while not is_over.is_set():
            with suppress(Problem):  # what they want to hear is unknown, and so is whether they need it
                await service.upload("progress-notify", Uploading, {"session_id": session})
            with suppress(TimeoutError):
                await asyncio.wait_for(is_over.wait(), NOTIFY_SECONDS)

    telling = asyncio.create_task(notify())
    try:
        yield
    finally:
        is_over.set()
        await telling


async def close_session(service: Diagnocat, job: ImageJob) -> Step:
    """The service has the file afterwards. Whether an earlier close was heard the session itself tells."""
    session = job.refs["session"]
    try:
        if not (job.is_doubtful and (await _info(service, session)).status in CLOSE_HEARD):
            await service.upload("start-session-close", Uploading, {"session_id": session})
    except Refused as refused:
        return _anew(job, refused)
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Step(state="sent", refs={"closing": f"{session} {since}"}, wait_seconds=SOON)


async def await_closed(service: Diagnocat, job: ImageJob) -> Step:
    """The image is in the study when the session is closed."""
    info = await _info(service, job.refs["session"])
    if info.status == "error":
        raise Refused(f"Diagnocat не принял снимок: {words_of(info.error) or 'причина не названа'}.", "data")
    if info.status == "closed":
        return Step(state="sent", refs={"uploaded": "yes"}, wait_seconds=1)
    since = dt.datetime.fromisoformat(job.refs["closing"].rpartition(" ")[2])
    is_soon = dt.datetime.now(dt.UTC) - since < SOON_FOR
    return Step(state="sent", wait_seconds=SOON if is_soon else None)


async def _info(service: Diagnocat, session: str) -> SessionState:
    """How the session is. Raises `Refused` for one that is dead."""
    return (await service.uploaded("session-info", SessionInfo, session_id=session)).session_info


def _again(job: ImageJob, reason: str, **refs: str) -> Step:
    """The upload once more, a few times at most."""
    tries = int(job.refs.get("tries", "0")) + 1
    if tries > MOST_TRIES:
        return Step(state="failed", sentence=GIVEN_UP.format(reason=reason))
    return Step(refs={"tries": str(tries), **refs}, wait_seconds=AGAIN_SECONDS)


def _anew(job: ImageJob, refused: Refused) -> Step:
    """A session that is refused may be dead: the next one is new."""
    if refused.trouble != "data":
        raise refused
    return _again(job, refused.sentence, session="")
