"""The price list: reading it, and the only ways to change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ClauseElement, Select, Text, and_, any_, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError

from prikus.toolkit import Changes, Context, Invalid, StaffMember, follow, prepared, short_name, stale, visible
from prikus_catalog.models import Service, ServiceCategory, ServicePrice
from prikus_catalog.schemas import (
    CategoryChange,
    CategoryForm,
    CategoryRow,
    Offer,
    PriceRow,
    ServiceBody,
    ServiceChange,
    ServiceForm,
    ServiceRow,
)

AnyService = ServiceForm | ServiceBody
FOUND_AT_MOST = 200
PICKED_AT_MOST = 30
LONGEST_NAME, LONGEST_CODE = 300, 40
TOO_LONG = "Слишком длинно: не больше {} знаков."
NAME_TAKEN = {"name": "Категория с таким названием уже есть."}
CODE_TAKEN = {"code": "Услуга с таким кодом уже есть."}


# --- reading


async def categories(ctx: Context) -> list[CategoryRow]:
    """All categories with the number of their services, in their order."""
    ctx.require("catalog.service.view")
    alive = and_(Service.clinic_id == ServiceCategory.clinic_id, Service.category_id == ServiceCategory.id)
    rows = await ctx.db.execute(
        ctx.visible(ServiceCategory, ServiceCategory.id, ServiceCategory.name, func.count(Service.id))
        .outerjoin(Service, and_(alive, Service.deleted_at.is_(None)))
        .group_by(ServiceCategory.id, ServiceCategory.name, ServiceCategory.position)
        .order_by(ServiceCategory.position, ServiceCategory.name)
    )
    return [CategoryRow(*row) for row in rows]


async def services_of(ctx: Context, category_id: int) -> list[ServiceRow]:
    """Services of one category by name."""
    ctx.require("catalog.service.view")
    query = _rows(ctx).where(Service.category_id == category_id).order_by(Service.name, Service.id)
    return [ServiceRow(*row) for row in await ctx.db.execute(query)]


async def search(ctx: Context, query: str) -> list[ServiceRow]:
    """Services whose code or name holds every word of `query`, at most 200, by name."""
    ctx.require("catalog.service.view")
    found = matching(_rows(ctx), query).order_by(Service.name, Service.id).limit(FOUND_AT_MOST)
    return [ServiceRow(*row) for row in await ctx.db.execute(found)]


def _rows(ctx: Context) -> Select[Any]:
    return ctx.visible(
        Service,
        Service.id,
        Service.category_id,
        Service.code,
        Service.name,
        Service.price,
        Service.duration,
        Service.per_tooth,
        Service.xray_type,
        Service.is_active,
    )


def matching(query: Select[Any], text: str) -> Select[Any]:
    """Narrow a select of services to those whose code or name holds every word of `text`."""
    return query.where(*(Service.search_text.contains(word, autoescape=True) for word in fold(text).split()))


def fold(text: str) -> str:
    return text.lower().replace("ё", "е")


async def prices_of(ctx: Context, service_id: int) -> list[PriceRow]:
    """The last prices of a service, newest first (REF-21). Raises `NotFound`."""
    ctx.require("catalog.service.view")
    await ctx.load(Service, service_id)
    author = and_(
        StaffMember.clinic_id == ServicePrice.clinic_id,
        StaffMember.id == ServicePrice.created_by_id,
        ServicePrice.created_by_kind == "staff",
    )
    rows = await ctx.db.execute(
        select(
            ServicePrice.price,
            ServicePrice.valid_from,
            StaffMember.last_name,
            StaffMember.first_name,
            StaffMember.patronymic,
        )
        .outerjoin(StaffMember, author)
        .where(ServicePrice.service_id == service_id)
        .order_by(ServicePrice.valid_from.desc(), ServicePrice.id.desc())
        .limit(20)
    )
    return [
        PriceRow(
            row.price,
            row.valid_from.astimezone(ctx.zone()).date(),
            short_name(row.last_name, row.first_name, row.patronymic) if row.last_name else "",
        )
        for row in rows
    ]


async def service(ctx: Context, service_id: int) -> ServiceChange:
    """One service. Raises `NotFound`."""
    ctx.require("catalog.service.view")
    found = await ctx.load(Service, service_id)
    values: dict[str, Any] = {
        name: getattr(found, name) for name in ServiceChange.__struct_fields__ if name != "deleted"
    }
    values["tax_code"] = str(found.tax_code)
    return ServiceChange(**values)


async def changed_services(ctx: Context, since: str | None, limit: int) -> Changes[ServiceChange]:
    """Services in the order of their last change, with the deleted ones. Raises `Invalid` for a strange cursor."""
    ctx.require("catalog.service.view")
    columns = {"tax_code": cast(Service.tax_code, Text)}
    return await follow(ctx, ServiceChange, Service, since, limit, columns=columns)


async def changed_categories(ctx: Context, since: str | None, limit: int) -> Changes[CategoryChange]:
    """Categories in the order of their last change, with the deleted ones. Raises `Invalid`."""
    ctx.require("catalog.service.view")
    return await follow(ctx, CategoryChange, ServiceCategory, since, limit)


async def find_services(ctx: Context, text: str, limit: int = PICKED_AT_MOST) -> list[Offer]:
    """Active services whose code or name holds every word of `text`; those that begin with it come first."""
    ctx.require("catalog.service.view")
    first = Service.search_text.startswith(fold(text), autoescape=True)
    query = matching(_offers(), text).order_by(first.desc(), Service.name, Service.id).limit(limit)
    return [Offer(*row) for row in await ctx.db.execute(query)]


async def price_of(ctx: Context, service_ids: Collection[int]) -> dict[int, Offer]:
    """Active services by id at their prices of now; a deleted, inactive or foreign id is absent. No right is needed:
    who may sell a service is its seller's own question."""
    return {offer.id: offer for offer in await _chosen().structs(Offer, ctx.db, ids=list(service_ids))}


@prepared
def _chosen() -> ClauseElement:
    return _offers().where(Service.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))


def _offers() -> Select[Any]:
    category = and_(ServiceCategory.clinic_id == Service.clinic_id, ServiceCategory.id == Service.category_id)
    columns = (Service.id, Service.code, Service.name, Service.price, Service.per_tooth, ServiceCategory.name)
    return visible(Service, *columns).join(ServiceCategory, category).where(Service.is_active)


# --- categories


async def add_category(ctx: Context, form: CategoryForm) -> int:
    """REF-15. Raises `Invalid` for a name that is taken."""
    ctx.require("catalog.service.edit")
    await _name_is_free(ctx, form.name)
    last = await ctx.db.scalar(ctx.visible(ServiceCategory, func.max(ServiceCategory.position)))
    category = ServiceCategory(name=form.name, position=0 if last is None else last + 1)
    ctx.db.add(category)
    await _save(ctx, NAME_TAKEN)
    return category.id


async def rename_category(ctx: Context, category_id: int, form: CategoryForm) -> None:
    """REF-17. Raises `Invalid` for a name that is taken, `Conflict` for a stale form."""
    ctx.require("catalog.service.edit")
    category = await ctx.load(ServiceCategory, category_id, lock=True)
    _fresh(category, form)
    await _name_is_free(ctx, form.name, category_id)
    category.name = form.name
    await _save(ctx, NAME_TAKEN)


async def _name_is_free(ctx: Context, name: str, own: int = 0) -> None:
    if len(name) > LONGEST_NAME:
        raise Invalid({"name": TOO_LONG.format(LONGEST_NAME)})
    taken = ctx.visible(ServiceCategory, ServiceCategory.id).where(
        ServiceCategory.name == name, ServiceCategory.id != own
    )
    if await ctx.db.scalar(taken):
        raise Invalid(NAME_TAKEN)


async def _save(ctx: Context, taken: Mapping[str, str]) -> None:
    """Two people may take one name or code at the same moment: the database lets one of them."""
    try:
        await ctx.db.flush()
    except IntegrityError as error:
        raise Invalid(taken) from error


async def delete_category(ctx: Context, category_id: int) -> None:
    """Into the trash together with its services (REF-16)."""
    ctx.require("catalog.service.delete")
    category = await ctx.load(ServiceCategory, category_id, lock=True)
    ctx.soft_delete(category)
    await ctx.db.flush()
    marks = {
        "deleted_at": category.deleted_at,
        "deleted_by_kind": category.deleted_by_kind,
        "deleted_by_id": category.deleted_by_id,
    }
    await ctx.db.execute(
        update(Service).where(Service.category_id == category_id, Service.deleted_at.is_(None)).values(marks)
    )


# --- services


async def add_service(ctx: Context, form: AnyService) -> int:
    """REF-18. Raises `Invalid` with a sentence for each field that does not fit."""
    ctx.require("catalog.service.edit")
    await _check(ctx, form)
    service = Service(**_values(form))
    ctx.db.add(service)
    await _save(ctx, CODE_TAKEN)
    ctx.db.add(ServicePrice(service_id=service.id, price=form.price))
    return service.id


async def change_service(ctx: Context, service_id: int, form: AnyService) -> None:
    """REF-20, REF-21: every field; a new price joins the history and the audit."""
    ctx.require("catalog.service.edit")
    service = await ctx.load(Service, service_id, lock=True)
    _fresh(service, form)
    await _check(ctx, form, service_id)
    before = service.price
    for name, value in _values(form).items():
        setattr(service, name, value)
    await _save(ctx, CODE_TAKEN)
    if before != form.price:
        ctx.db.add(ServicePrice(service_id=service.id, price=form.price))
        await ctx.audit(
            "catalog.price_changed",
            "catalog.service",
            service.id,
            f"Изменена цена услуги «{service.name}»",
            before={"price": str(before)},
            after={"price": str(form.price)},
        )


async def delete_service(ctx: Context, service_id: int) -> None:
    """Into the trash; invoices and plans keep it (REF-19)."""
    ctx.require("catalog.service.delete")
    ctx.soft_delete(await ctx.load(Service, service_id, lock=True))


def _values(form: AnyService) -> dict[str, Any]:
    is_xray = _is_xray(form)
    return {
        "category_id": form.category_id,
        "code": form.code,
        "name": form.name,
        "search_text": fold(f"{form.name} {form.code or ''}".strip()),
        "price": form.price,
        "duration": form.duration,
        "per_tooth": form.per_tooth,
        "tax_code": int(form.tax_code),
        "vat_rate": form.vat_rate,
        "xray_type": form.xray_type if is_xray else None,
        "dose_usv": form.dose_usv if is_xray else None,
        "is_active": form.is_active,
    }


def _is_xray(form: AnyService) -> bool:
    return form.is_xray if isinstance(form, ServiceForm) else form.xray_type is not None


async def _check(ctx: Context, form: AnyService, own: int = 0) -> None:
    mistakes: dict[str, str] = {}
    if len(form.name) > LONGEST_NAME:
        mistakes["name"] = TOO_LONG.format(LONGEST_NAME)
    if form.code is not None and len(form.code) > LONGEST_CODE:
        mistakes["code"] = TOO_LONG.format(LONGEST_CODE)
    if form.price < Decimal(0):
        mistakes["price"] = "Цена не может быть отрицательной."
    if not 0 < form.duration <= 1440:
        mistakes["duration"] = "Укажите длительность от 1 до 1440 минут."
    if isinstance(form, ServiceBody) and form.dose_usv is not None and form.xray_type is None:
        mistakes["dose_usv"] = "Доза бывает у рентгеновских исследований: назовите и xray_type."
    if _is_xray(form) and form.xray_type is None:
        mistakes["xray_type"] = "Выберите вид исследования."
    if form.dose_usv is not None and form.dose_usv < 0:
        mistakes["dose_usv"] = "Доза не может быть отрицательной."
    found = await ctx.db.scalar(
        ctx.visible(ServiceCategory, ServiceCategory.id).where(ServiceCategory.id == form.category_id)
    )
    if found is None:
        mistakes["category_id"] = "Такой категории нет."
    if form.code is not None and "code" not in mistakes:
        taken = ctx.visible(Service, Service.id).where(Service.code == form.code, Service.id != own)
        if await ctx.db.scalar(taken):
            mistakes |= CODE_TAKEN
    if mistakes:
        raise Invalid(mistakes)


def _fresh(entity: Service | ServiceCategory, form: AnyService | CategoryForm) -> None:
    if form.row_version != entity.row_version:
        raise stale(form, entity, entity.row_version)
