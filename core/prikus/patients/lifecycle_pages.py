"""Pages of merging, export and erasing; part of the room `pages`."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Stream

from prikus.access.context import Context
from prikus.errors import Invalid
from prikus.patients.services.comparing import compare_cards, recent_merges
from prikus.patients.services.erasing import erase_confirmed, number_to_confirm
from prikus.patients.services.exporting import export_patient, note_export
from prikus.patients.services.merging import merge_patients, part_patients
from prikus.ui.forms import read_form
from prikus.ui.render import done, fragment, page, redirect

CHANGED = "patients-changed"
Id = Annotated[int, Parameter(gt=0, le=2**63 - 1)]


class MergeForm(msgspec.Struct, frozen=True):
    other_id: int | None = None


class EraseForm(msgspec.Struct, frozen=True):
    reason: str = ""
    card_number: int | None = None


@get("/{patient_id:int}/merge", include_in_schema=False)
async def merging(ctx: Context, patient_id: Id) -> Response[str]:
    """Choose the card that becomes part of this one; recent merges can be undone here."""
    number, past = await recent_merges(ctx, patient_id)
    return page(
        ctx, "patients/merge.html", block="panel", patient_id=patient_id, number=number, past=past, compared=None
    )


@get("/{patient_id:int}/merge/with", include_in_schema=False)
async def comparison(ctx: Context, patient_id: Id, other_id: Id) -> Response[str]:
    """Both cards side by side, and what moves."""
    compared = await compare_cards(ctx, patient_id, other_id)
    return fragment(ctx, "patients/merge.html", "comparison", patient_id=patient_id, compared=compared)


@post("/{patient_id:int}/merge", status_code=200, include_in_schema=False)
async def merge(ctx: Context, request: Request[Any, Any, Any], patient_id: Id) -> Response[str]:
    form = await read_form(request, MergeForm)
    if form.other_id is None:
        raise Invalid({"other_id": "Выберите карточку, которую нужно присоединить."})
    await merge_patients(ctx, form.other_id, patient_id)
    return done("Карточки объединены. Отменить можно 30 дней.", CHANGED)


@post("/{patient_id:int}/merge/{merge_id:int}/undo", status_code=200, include_in_schema=False)
async def undo(ctx: Context, patient_id: Id, merge_id: Id) -> Response[str]:
    other_id = await part_patients(ctx, merge_id)
    return redirect(ctx, f"/patients/{other_id}")


@get("/{patient_id:int}/export", include_in_schema=False)
async def export(ctx: Context, patient_id: Id) -> Stream:
    """The archive, sent as it is being made."""
    patient = await note_export(ctx, patient_id)
    name = quote(f"Пациент {patient.card_number:06d}.zip")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Stream(export_patient(ctx, patient), media_type="application/zip", headers=headers)


@get("/{patient_id:int}/erase", include_in_schema=False)
async def erasing(ctx: Context, patient_id: Id) -> Response[str]:
    number = await number_to_confirm(ctx, patient_id)
    return page(ctx, "patients/erase.html", block="panel", patient_id=patient_id, number=number)


@post("/{patient_id:int}/erase", status_code=200, include_in_schema=False)
async def erase(ctx: Context, request: Request[Any, Any, Any], patient_id: Id) -> Response[str]:
    form = await read_form(request, EraseForm)
    await erase_confirmed(ctx, patient_id, form.card_number, form.reason)
    return redirect(ctx, "/patients/")


routes = [merging, comparison, merge, undo, export, erasing, erase]
