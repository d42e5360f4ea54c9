from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Stream

from prikus.toolkit import DENTAL_IMAGES, Context, done, file_answer, fragment, read_form, upload_room
from prikus_album import services


class PhotoForm(msgspec.Struct):
    picture: UploadFile
    patient_id: int


@get("/new")
async def new_photo(ctx: Context) -> Response[str]:
    ctx.require(services.EDIT)
    return fragment(ctx, "album/new.html", "content", accepts=DENTAL_IMAGES)


@post("/photos", request_max_body_size=upload_room(DENTAL_IMAGES))
async def add_photo(request: Request[Any, Any, Any], outside: Context) -> Response[str]:
    outside.require(services.EDIT)
    form = await read_form(request, PhotoForm)
    photo_id = await services.add_photo(outside, form.patient_id, form.picture)
    return done(f"Снимок № {photo_id}", "album-changed")


@get("/photos/{photo_id:int}")
async def photo(outside: Context, photo_id: int) -> Stream:
    return file_answer(await services.open_photo(outside, photo_id))


@post("/photos/{photo_id:int}/delete")
async def remove_photo(ctx: Context, photo_id: int) -> Response[str]:
    await services.remove_photo(ctx, photo_id)
    return done("Снимок удалён", "album-changed")


routes = [new_photo, add_photo, photo, remove_photo]
