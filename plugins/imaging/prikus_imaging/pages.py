"""«Снимки»: a patient's album, one image with what services found on it, and what needs a person."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Stream

from prikus.toolkit import (
    DENTAL_IMAGES,
    Context,
    done,
    file_answer,
    key_of,
    open_file,
    page,
    read_form,
    redirect,
    toast,
    upload_room,
)
from prikus_imaging.events import KINDS
from prikus_imaging.jobs import wake_queue
from prikus_imaging.schemas import NewImage, SentImage, Verdict, Wish
from prikus_imaging.services import adding, album, analysing, connected, findings

CHANGED = "images-changed"
STATES = {
    "queued": ("В очереди", "wait", "clock"),
    "sent": ("Отправлен", "now", "send"),
    "processing": ("Анализируется", "now", "loader-2"),
    "ready": ("Результаты получены", "done", "check"),
    "needs_teeth": ("Нужно выбрать зубы", "wait", "dental"),
    "failed": ("Анализ не удался", "miss", "alert-circle"),
    "unclear": ("Неизвестно, принят ли", "miss", "alert-triangle"),
}
"""Word, colour, icon."""
PICTURES = ("image/jpeg", "image/png")
TOLD = {"accepted": "Находка принята.", "rejected": "Находка отклонена.", "pending": "Решение отменено."}
Ask = Request[Any, Any, Any]


@get("/")
async def waiting(ctx: Context, after: str | None = None, before: str | None = None) -> Response[str]:
    """Analyses that wait for a person."""
    found = await analysing.waiting(ctx, after=after, before=before)
    return page(ctx, "imaging/waiting.html", block="list", found=found, kinds=KINDS, states=STATES)


@get("/patients/{patient_id:int}")
async def section(ctx: Context, patient_id: int) -> Response[str]:
    """«Снимки» of the patient's card."""
    rows = await album.images(ctx, patient_id)
    return page(
        ctx, "imaging/section.html", block="section", rows=rows, patient_id=patient_id, kinds=KINDS, states=STATES
    )


@get("/patients/{patient_id:int}/new")
async def new_image(ctx: Context, patient_id: int) -> Response[str]:
    ctx.require(album.ADD)
    patient = await album.require_patient(ctx, patient_id)
    return page(
        ctx,
        "imaging/new.html",
        block="panel",
        patient_id=patient_id,
        patient=patient,
        kinds=list(KINDS.items()),
        accepts=DENTAL_IMAGES,
    )


@post("/patients/{patient_id:int}/new", status_code=200, request_max_body_size=upload_room(DENTAL_IMAGES))
async def add_image(outside: Context, request: Ask, patient_id: int) -> Response[str]:
    outside.require(album.ADD)
    form = await read_form(request, SentImage)
    new = NewImage(kind=form.kind, taken_on=form.taken_on, comment=form.comment)
    await adding.take_in(outside, patient_id, new, form.file, await key_of(request))
    return done("Снимок добавлен.", CHANGED)


@get("/images/{image_id:int}")
async def show_image(ctx: Context, image_id: int) -> Response[str]:
    found = await album.image(ctx, image_id)
    titles = {one.connection_id: one.title for one in await connected.offered(ctx)}
    return page(
        ctx,
        "imaging/image.html",
        block="details",
        found=found,
        image=found.image,
        titles=titles,
        kinds=KINDS,
        states=STATES,
        is_picture=found.image.media_type in PICTURES,
    )


@get("/images/{image_id:int}/preview")
async def preview(outside: Context, image_id: int) -> Stream:
    """What stands in the album; it never becomes another picture."""
    async with outside.unit() as ctx:
        file_id = await album.file_of(ctx, image_id, small=True)
    return file_answer(await open_file(outside, file_id, noted=False), kept=True)


@get("/images/{image_id:int}/original")
async def original(outside: Context, image_id: int, download: bool = False) -> Stream:
    async with outside.unit() as ctx:
        file_id = await album.file_of(ctx, image_id, small=False)
    return file_answer(await open_file(outside, file_id), download)


@post("/images/{image_id:int}/delete", status_code=200)
async def delete_image(ctx: Context, image_id: int, leave: bool = False) -> Response[str]:
    patient_id = await album.delete_image(ctx, image_id)
    if leave:
        return redirect(ctx, f"/patients/{patient_id}?tab=imaging")
    return done("Снимок в корзине.", CHANGED)


@get("/images/{image_id:int}/analyse")
async def choose_service(ctx: Context, image_id: int) -> Response[str]:
    """The panel where several services are connected."""
    ctx.require(analysing.START)
    found = await album.image(ctx, image_id)
    offered = [
        (one.connection_id, one.title)
        for one in await connected.offered(ctx)
        if one.connection_id in found.image.services
    ]
    return page(ctx, "imaging/choose.html", block="panel", image=found.image, offered=offered, kinds=KINDS)


@post("/images/{image_id:int}/analyse", status_code=200)
async def analyse(ctx: Context, request: Ask, image_id: int) -> Response[str]:
    started = await analysing.start(ctx, image_id, await read_form(request, Wish))
    await wake_queue(ctx, started.connection_id)
    return done("Снимок поставлен в очередь.", CHANGED)


@post("/analyses/{analysis_id:int}/load", status_code=200)
async def load_results(ctx: Context, analysis_id: int) -> Response[str]:
    await wake_queue(ctx, await analysing.load_results(ctx, analysis_id))
    return done("Спрашиваем сервис.", CHANGED)


@post("/findings/{finding_id:int}/decide", status_code=200)
async def decide(ctx: Context, request: Ask, finding_id: int) -> Response[str]:
    verdict = await read_form(request, Verdict)
    await findings.decide(ctx, finding_id, verdict.decision)
    return toast(done(None, CHANGED), TOLD[verdict.decision])


routes = [
    waiting,
    section,
    new_image,
    add_image,
    show_image,
    preview,
    original,
    delete_image,
    choose_service,
    analyse,
    load_results,
    decide,
]
