from __future__ import annotations

from litestar.datastructures import UploadFile

from prikus.toolkit import (
    DENTAL_IMAGES,
    Context,
    OpenFile,
    drop_file,
    file_row,
    keep_upload,
    open_file,
    preview_of,
)
from prikus_album.models import Photo

EDIT, VIEW = "album.photo.edit", "album.photo.view"


async def add_photo(outside: Context, patient_id: int, upload: UploadFile | None) -> int:
    """Bytes first, then the rows together."""
    outside.require(EDIT)
    kept = await keep_upload(outside, upload, DENTAL_IMAGES, "picture")
    preview = await preview_of(outside, kept, 200, "picture")
    async with outside.unit() as ctx:
        photo = Photo(patient_id=patient_id, file_id=await file_row(ctx, kept))
        if preview is not None:
            photo.preview_id = await file_row(ctx, preview)
        ctx.db.add(photo)
        await ctx.db.flush()
        return photo.id


async def open_photo(outside: Context, photo_id: int) -> OpenFile:
    outside.require(VIEW)
    async with outside.unit() as ctx:
        file_id = (await ctx.load(Photo, photo_id)).file_id
    return await open_file(outside, file_id)


async def remove_photo(ctx: Context, photo_id: int) -> None:
    ctx.require(EDIT)
    photo = await ctx.load(Photo, photo_id, lock=True)
    files = [file for file in (photo.file_id, photo.preview_id) if file is not None]
    await ctx.db.delete(photo)
    await ctx.db.flush()
    for file_id in files:
        await drop_file(ctx, file_id)
