"""Requests one by one: writing down, changing, moving, deleting (CRM-01, CRM-02, CRM-03, CRM-08)."""

from __future__ import annotations

from prikus.toolkit import (
    Conflict,
    Context,
    Done,
    Invalid,
    NotFound,
    Patient,
    StaffMember,
    full_name,
    once,
    patient_with_phone,
    read_phone,
    stale,
)
from prikus_crm.events import RequestCreated, RequestMoved
from prikus_crm.models import CrmRequest
from prikus_crm.schemas import STATUSES, RequestForm, Status
from prikus_crm.services.hearing import CHANNEL

LONGEST = {"name": 300, "email": 300, "text": 8000, "refusal": 500, "comment": 4000}


async def request(ctx: Context, id: int) -> CrmRequest:
    """One request with all that is known. Raises `NotFound`."""
    ctx.require("crm.request.view")
    return await ctx.load(CrmRequest, id)


async def patient_of(ctx: Context, id: int, added: int | None) -> tuple[int, str] | None:
    """Number and name of whom the form shows: the patient `added` for the request, else whose it is."""
    shown = added or (await request(ctx, id)).patient_id
    if shown is None:
        return None
    names = (Patient.last_name, Patient.first_name, Patient.patronymic)
    row = (await ctx.db.execute(ctx.visible(Patient, *names).where(Patient.id == shown))).one_or_none()
    return (shown, full_name(*row)) if row else None


async def add(ctx: Context, form: RequestForm, key: str) -> Done:
    """Write a request down by hand, once for the form's `key`. Raises `Invalid`."""
    ctx.require("crm.request.edit")
    return await once(ctx.db, key, form, Done, lambda: _add(ctx, form))


async def _add(ctx: Context, form: RequestForm) -> Done:
    added = CrmRequest()
    await _fill(ctx, added, form)
    ctx.db.add(added)
    await ctx.db.flush()
    await ctx.emit(RequestCreated(request_id=added.id, source=None, patient_id=added.patient_id), added)
    ctx.changed(CHANNEL, added.id)
    return Done(added.id)


async def change(ctx: Context, id: int, form: RequestForm) -> None:
    """Raises `Invalid`, and `Conflict` with what stands there now for a form that is older than the request."""
    ctx.require("crm.request.edit")
    changed = await ctx.load(CrmRequest, id, lock=True)
    if form.row_version != changed.row_version:
        raise stale(_as_typed(form), changed, changed.row_version)
    was: Status = changed.status
    await _fill(ctx, changed, form)
    await _save(ctx, changed, was)


async def move(ctx: Context, id: int, status: Status) -> None:
    """To another column (CRM-08). Raises `Conflict` for «Отказ», which needs a reason."""
    ctx.require("crm.request.edit")
    if status == "refused":
        raise Conflict("Откройте заявку и напишите причину отказа.")
    moved = await ctx.load(CrmRequest, id, lock=True)
    was, moved.status, moved.refusal = moved.status, status, None
    await _save(ctx, moved, was)


async def delete(ctx: Context, id: int) -> None:
    """Into the trash (CRM-02)."""
    ctx.require("crm.request.delete")
    ctx.soft_delete(await ctx.load(CrmRequest, id, lock=True))
    ctx.changed(CHANNEL, id)


async def _save(ctx: Context, request: CrmRequest, was: Status) -> None:
    await ctx.db.flush()
    if request.status != was:
        await ctx.emit(RequestMoved(request_id=request.id, old_status=was, status=request.status), request)
        moved = f"Заявка перенесена: {STATUSES[was][0]} → {STATUSES[request.status][0]}"
        await ctx.audit("crm.request_moved", "crm.request", request.id, moved)
    ctx.changed(CHANNEL, request.id)


async def _fill(ctx: Context, request: CrmRequest, form: RequestForm) -> None:
    phone = _check(form)
    await _known(ctx, form)
    request.name, request.phone, request.email, request.words = form.name, phone, form.email, form.text
    request.status, request.refusal = form.status, form.refusal if form.status == "refused" else None
    request.responsible_id, request.next_on, request.comment = form.responsible_id, form.next_on, form.comment
    request.patient_id = form.patient_id or await patient_with_phone(ctx, phone)


def _check(form: RequestForm) -> str | None:
    """The number as it is stored. Raises `Invalid` with a sentence for each field."""
    mistakes = {
        name: f"Слишком длинно: не больше {most} знаков."
        for name, most in LONGEST.items()
        if len(getattr(form, name) or "") > most
    }
    phone = None
    try:
        phone = read_phone(form.phone) if form.phone else None
    except ValueError as error:
        mistakes["phone"] = str(error)
    if form.email and "@" not in form.email:
        mistakes["email"] = "В адресе почты нет знака @."
    if not (form.name or form.phone or form.email or form.patient_id):
        mistakes["name"] = "Укажите имя, телефон или почту."
    if form.status == "refused" and not form.refusal:
        mistakes["refusal"] = "Напишите, почему отказались."
    if mistakes:
        raise Invalid(mistakes)
    return phone


async def _known(ctx: Context, form: RequestForm) -> None:
    """Numbers of rows come from a browser."""
    for name, model, id in (
        ("patient_id", Patient, form.patient_id),
        ("responsible_id", StaffMember, form.responsible_id),
    ):
        try:
            if id is not None:
                await ctx.load(model, id)
        except NotFound:
            raise Invalid({name: "Выберите из списка ещё раз: этой записи больше нет."}) from None


def _as_typed(form: RequestForm) -> dict[str, object]:
    names = ("name", "email", "comment", "refusal", "next_on", "responsible_id", "patient_id")
    return {name: getattr(form, name) for name in names}
