"""«Прайс-лист»: the tree of categories and services, their forms, and the picker for other forms."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from prikus.toolkit import Context, done, fragment, page, read_form
from prikus_catalog import services
from prikus_catalog.models import Service, ServiceCategory
from prikus_catalog.schemas import CategoryForm, ServiceForm

CHANGED = "catalog-changed"
VAT_WORDS = {"none": "Без НДС", "0": "0 %", "5": "5 %", "7": "7 %", "10": "10 %", "20": "20 %", "22": "22 %"}
XRAY_WORDS = {
    "periapical": "Прицельный снимок",
    "bitewing": "Прикусный снимок",
    "panoramic": "Ортопантомограмма",
    "cephalometric": "Телерентгенограмма",
    "cbct": "КЛКТ",
}
TAX_WORDS = {"1": "1 — обычное лечение", "2": "2 — дорогостоящее лечение"}


@get("/")
async def price_list(ctx: Context, q: str = "", category: int | None = None) -> Response[str]:
    tree = await services.categories(ctx)
    if q.strip():
        rows = await services.search(ctx, q)
        found = {row.category_id for row in rows}
        tree = [branch for branch in tree if branch.id in found]
    else:
        found = {category}
        rows = await services.services_of(ctx, category) if category else []
    return page(
        ctx,
        "catalog/price_list.html",
        block="tree",
        tree=tree,
        open=found,
        rows=rows,
        q=q.strip(),
        cut=len(rows) == services.FOUND_AT_MOST,
        xray_words=XRAY_WORDS,
    )


@get("/services/search")
async def pick(ctx: Context, q: str = "") -> Response[str]:
    return fragment(ctx, "catalog/picker.html", "options", found=await services.find_services(ctx, q), q=q)


@get("/categories/new")
async def new_category(ctx: Context) -> Response[str]:
    ctx.require("catalog.service.edit")
    return page(ctx, "catalog/category.html", block="panel", category=None)


@post("/categories/new", status_code=200)
async def create_category(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    await services.add_category(ctx, await read_form(request, CategoryForm))
    return done("Категория добавлена", CHANGED)


@get("/categories/{category_id:int}/edit")
async def edit_category(ctx: Context, category_id: int) -> Response[str]:
    ctx.require("catalog.service.edit")
    return page(ctx, "catalog/category.html", block="panel", category=await ctx.load(ServiceCategory, category_id))


@post("/categories/{category_id:int}/edit", status_code=200)
async def save_category(ctx: Context, request: Request[Any, Any, Any], category_id: int) -> Response[str]:
    await services.rename_category(ctx, category_id, await read_form(request, CategoryForm))
    return done("Категория переименована", CHANGED)


@post("/categories/{category_id:int}/delete", status_code=200)
async def remove_category(ctx: Context, category_id: int) -> Response[str]:
    await services.delete_category(ctx, category_id)
    return done("Категория и её услуги в корзине", CHANGED, close_panel=False)


@get("/services/new")
async def new_service(ctx: Context, category: int | None = None) -> Response[str]:
    ctx.require("catalog.service.edit")
    return page(ctx, "catalog/service.html", block="panel", **await _service_form(ctx, None, category))


@post("/services/new", status_code=200)
async def create_service(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    await services.add_service(ctx, await read_form(request, ServiceForm))
    return done("Услуга добавлена", CHANGED)


@get("/services/{service_id:int}/edit")
async def edit_service(ctx: Context, service_id: int) -> Response[str]:
    ctx.require("catalog.service.edit")
    service = await ctx.load(Service, service_id)
    return page(
        ctx,
        "catalog/service.html",
        block="panel",
        **{
            **await _service_form(ctx, service, service.category_id),
            "prices": await services.prices_of(ctx, service_id),
        },
    )


@post("/services/{service_id:int}/edit", status_code=200)
async def save_service(ctx: Context, request: Request[Any, Any, Any], service_id: int) -> Response[str]:
    await services.change_service(ctx, service_id, await read_form(request, ServiceForm))
    return done("Услуга сохранена", CHANGED)


@post("/services/{service_id:int}/delete", status_code=200)
async def remove_service(ctx: Context, service_id: int) -> Response[str]:
    await services.delete_service(ctx, service_id)
    return done("Услуга в корзине", CHANGED, close_panel=False)


async def _service_form(ctx: Context, service: Service | None, category_id: int | None) -> dict[str, Any]:
    return {
        "service": service,
        "category_id": category_id,
        "categories": [(row.id, row.name) for row in await services.categories(ctx)],
        "vat_words": list(VAT_WORDS.items()),
        "xray_words": list(XRAY_WORDS.items()),
        "tax_words": list(TAX_WORDS.items()),
        "prices": [],
    }


routes = [
    price_list,
    pick,
    new_category,
    create_category,
    edit_category,
    save_category,
    remove_category,
    new_service,
    create_service,
    edit_service,
    save_service,
    remove_service,
]
