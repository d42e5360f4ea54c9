"""Images for programs: album, files, analyses, findings (API-01)."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody, MultipartBody, Parameter
from litestar.response import Stream

from prikus.toolkit import (
    DENTAL_IMAGES,
    LARGEST_ID,
    Changes,
    Context,
    Cursor,
    Done,
    Limit,
    PressKey,
    RowId,
    checked_body,
    file_answer,
    open_file,
    pressed_once,
    upload_room,
)
from prikus_imaging.jobs import wake_queue
from prikus_imaging.schemas import (
    FindingChange,
    FindingRow,
    ImageChange,
    ImageDetails,
    ImageRow,
    NewImage,
    SentImage,
    ServiceInfo,
    Started,
    Verdict,
    Wish,
)
from prikus_imaging.services import adding, album, analysing, connected, findings

ANY_FILE = ResponseSpec(bytes, generate_examples=False, description="Файл: снимок или DICOM.", media_type="*/*")
PatientId = Annotated[int, Parameter(gt=0, le=LARGEST_ID, description="Чьи снимки.")]


class SentToPatient(SentImage, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same with whose it is."""

    patient_id: int


@get("/images")
async def get_images(ctx: Context, patient_id: PatientId) -> list[ImageRow]:
    """Снимки пациента, новые сверху, до 200, с последним анализом каждого."""
    return await album.images(ctx, patient_id)


@get("/images/changes")
async def get_changed_images(ctx: Context, changed_since: Cursor = None, limit: Limit = 100) -> Changes[ImageChange]:
    """Снимки в порядке изменений, с удалёнными. Курсор из ответа продолжает список в любой день."""
    return await album.changed_images(ctx, changed_since, limit)


@get("/images/{image_id:int}")
async def get_image(ctx: Context, image_id: RowId) -> ImageDetails:
    """Снимок со всеми анализами и находками."""
    return await album.image(ctx, image_id)


@get("/images/{image_id:int}/original", responses={200: ANY_FILE})
async def get_original(outside: Context, image_id: RowId) -> Stream:
    """Файл снимка, каким его добавили."""
    async with outside.unit() as ctx:
        file_id = await album.file_of(ctx, image_id, small=False)
    return file_answer(await open_file(outside, file_id))


@get("/services")
async def get_services(ctx: Context) -> list[ServiceInfo]:
    """Подключённые сервисы анализа снимков."""
    return await connected.offered(ctx)


@post("/images", request_max_body_size=upload_room(DENTAL_IMAGES))
async def add_image(outside: Context, data: MultipartBody[SentToPatient], idempotency_key: PressKey) -> Done:
    """Добавить снимок пациенту: JPEG и PNG до 25 МБ, DICOM до 200 МБ."""
    outside.require(album.ADD)
    new = checked_body(NewImage(kind=data.kind, taken_on=data.taken_on, comment=data.comment))
    return await adding.take_in(outside, data.patient_id, new, data.file, idempotency_key)


@post("/images/{image_id:int}/delete", status_code=200)
async def delete_image(ctx: Context, image_id: RowId) -> Done:
    """Убрать снимок в корзину."""
    await album.delete_image(ctx, image_id)
    return Done(image_id)


@post("/images/{image_id:int}/analyse")
async def analyse(ctx: Context, image_id: RowId, data: JSONBody[Wish], idempotency_key: PressKey) -> Started:
    """Отправить снимок на анализ: может стоить денег. 409, если он уже у сервиса или сервис не подключён.

    connection_id нужен, когда сервисов несколько; again – отправить ещё раз, когда прошлый анализ кончился или застрял.
    """
    started = await pressed_once(
        ctx, idempotency_key, data, Started, lambda: analysing.start(ctx, image_id, checked_body(data))
    )
    await wake_queue(ctx, started.connection_id)
    return started


@post("/analyses/{analysis_id:int}/load", status_code=200)
async def load_results(ctx: Context, analysis_id: RowId) -> Done:
    """Спросить сервис о результатах сейчас. 409, если анализ не удался или сервис отключён."""
    await wake_queue(ctx, await analysing.load_results(ctx, analysis_id))
    return Done(analysis_id)


@get("/findings/changes")
async def get_changed_findings(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[FindingChange]:
    """Находки в порядке изменений. Курсор из ответа продолжает список в любой день."""
    return await album.changed_findings(ctx, changed_since, limit)


@post("/findings/{finding_id:int}/decide", status_code=200)
async def decide(ctx: Context, finding_id: RowId, data: JSONBody[Verdict]) -> FindingRow:
    """Принять находку или отклонить; pending возвращает её в нерешённые."""
    await findings.decide(ctx, finding_id, data.decision)
    return await findings.one(ctx, finding_id)


routes = [
    get_images,
    get_changed_images,
    get_image,
    get_original,
    get_services,
    add_image,
    delete_image,
    analyse,
    load_results,
    get_changed_findings,
    decide,
]
