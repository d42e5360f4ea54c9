"""The price list for programs: the same services as the pages (API-01)."""

from __future__ import annotations

from litestar import get, post
from litestar.params import JSONBody

from prikus.toolkit import Changes, Context, Cursor, Done, Limit, PressKey, RowId, Typed, checked_body, pressed_once
from prikus_catalog import services
from prikus_catalog.schemas import (
    CategoryChange,
    CategoryForm,
    CategoryRow,
    PriceRow,
    ServiceBody,
    ServiceChange,
    ServiceRow,
)


@get("/categories")
async def get_categories(ctx: Context) -> list[CategoryRow]:
    """Категории с числом услуг, по порядку."""
    return await services.categories(ctx)


@get("/categories/changes")
async def get_changed_categories(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[CategoryChange]:
    """Категории в порядке изменений, с удалёнными."""
    return await services.changed_categories(ctx, changed_since, limit)


@post("/categories")
async def create_category(ctx: Context, data: JSONBody[CategoryForm], idempotency_key: PressKey) -> Done:
    """Добавить категорию."""
    form = checked_body(data)

    async def add() -> Done:
        return Done(await services.add_category(ctx, form))

    return await pressed_once(ctx, idempotency_key, form, Done, add)


@post("/categories/{category_id:int}", status_code=200)
async def rename_category(ctx: Context, category_id: RowId, data: JSONBody[CategoryForm]) -> Done:
    """Переименовать поверх версии row_version. 409, если её успел изменить коллега."""
    await services.rename_category(ctx, category_id, checked_body(data))
    return Done(category_id)


@post("/categories/{category_id:int}/delete", status_code=200)
async def delete_category(ctx: Context, category_id: RowId) -> Done:
    """Категорию и её услуги – в корзину."""
    await services.delete_category(ctx, category_id)
    return Done(category_id)


@get("/services/search")
async def search_services(ctx: Context, q: Typed) -> list[ServiceRow]:
    """Услуги, в коде или названии которых есть все слова запроса; не больше 200."""
    return await services.search(ctx, q)


@get("/services/changes")
async def get_changed_services(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[ServiceChange]:
    """Услуги с ценами в порядке изменений, с удалёнными."""
    return await services.changed_services(ctx, changed_since, limit)


@get("/services/{service_id:int}")
async def get_service(ctx: Context, service_id: RowId) -> ServiceChange:
    """Одна услуга."""
    return await services.service(ctx, service_id)


@get("/services/{service_id:int}/prices")
async def get_prices(ctx: Context, service_id: RowId) -> list[PriceRow]:
    """Последние двадцать цен услуги, новые сверху."""
    return await services.prices_of(ctx, service_id)


@post("/services")
async def create_service(ctx: Context, data: JSONBody[ServiceBody], idempotency_key: PressKey) -> Done:
    """Добавить услугу."""
    form = checked_body(data)

    async def add() -> Done:
        return Done(await services.add_service(ctx, form))

    return await pressed_once(ctx, idempotency_key, form, Done, add)


@post("/services/{service_id:int}", status_code=200)
async def change_service(ctx: Context, service_id: RowId, data: JSONBody[ServiceBody]) -> Done:
    """Записать услугу целиком поверх версии row_version. 409, если её успел изменить коллега."""
    await services.change_service(ctx, service_id, checked_body(data))
    return Done(service_id)


@post("/services/{service_id:int}/delete", status_code=200)
async def delete_service(ctx: Context, service_id: RowId) -> Done:
    """В корзину; счета её помнят."""
    await services.delete_service(ctx, service_id)
    return Done(service_id)


routes = [
    get_categories,
    get_changed_categories,
    create_category,
    rename_category,
    delete_category,
    search_services,
    get_changed_services,
    get_service,
    get_prices,
    create_service,
    change_service,
    delete_service,
]
