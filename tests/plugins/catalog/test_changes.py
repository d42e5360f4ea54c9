"""Renaming, new prices, the trash."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from prikus.toolkit import Conflict, Invalid, NotFound
from prikus_catalog.public import price_of, services_v1
from prikus_catalog.schemas import CategoryForm
from prikus_catalog.services import (
    add_category,
    change_service,
    delete_category,
    delete_service,
    find_services,
    prices_of,
    rename_category,
)
from tests.plugins.catalog.conftest import Shelf

NAMES = """
    select name, deleted_at is null from catalog.service_category
    union all select name, deleted_at is null from catalog.service
"""


@pytest.mark.spec("REF-17", bites="prikus_catalog.services:rename_category:category.name = form.name")
async def test_a_category_is_renamed(shelf: Shelf) -> None:
    async with shelf.units("director") as ctx:
        await rename_category(ctx, shelf.category, CategoryForm(name="Лечение", row_version=1))
    assert await shelf.rows("select name from catalog.service_category") == [("Лечение",)]


async def test_a_stale_form_changes_nothing(shelf: Shelf) -> None:
    async with shelf.units("director") as ctx:
        await rename_category(ctx, shelf.category, CategoryForm(name="Лечение", row_version=1))
    async with shelf.units("director") as ctx:
        with pytest.raises(Conflict):
            await rename_category(ctx, shelf.category, CategoryForm(name="Другое", row_version=1))
        with pytest.raises(Conflict):
            await change_service(ctx, shelf.service, shelf.form(row_version=7))
    assert await shelf.rows("select name from catalog.service_category") == [("Лечение",)]


async def test_two_living_categories_never_have_one_name(shelf: Shelf) -> None:
    async with shelf.units("director") as ctx:
        with pytest.raises(Invalid):
            await add_category(ctx, CategoryForm(name="Терапия"))
        await delete_category(ctx, shelf.category)
        await add_category(ctx, CategoryForm(name="Терапия"))


async def test_of_five_at_once_one_gets_the_name_and_the_code(shelf: Shelf) -> None:
    """Its twin stands in `tests/campaigns/faults/test_names.py`."""
    assert await shelf.five_at_once() == ["Invalid"] * 4 + ["NoneType"]
    assert await shelf.rows("select count(*) from catalog.service where code = 'ХИР-01'") == [(1,)]


@pytest.mark.spec("REF-20", "REF-21", bites="prikus_catalog.services:change_service:setattr(service, name, value)")
async def test_a_service_is_renamed_and_repriced_and_the_old_price_is_kept(shelf: Shelf) -> None:
    async with shelf.units("director") as ctx:
        changed = shelf.form(name="Реставрация зуба", price=Decimal("8500.00"), row_version=1)
        await change_service(ctx, shelf.service, changed)
    async with shelf.units("director") as ctx:
        offer = (await price_of(ctx, {shelf.service}))[shelf.service]
        prices = [row.price for row in await prices_of(ctx, shelf.service)]
    assert (offer.name, offer.price) == ("Реставрация зуба", Decimal("8500.00"))
    assert prices == [Decimal("8500.00"), Decimal("7900.00")]
    audit = await shelf.rows("select before, after from core.audit_record where action = 'catalog.price_changed'")
    assert audit == [({"price": "7900.00"}, {"price": "8500.00"})]


async def test_the_history_of_prices_cannot_be_rewritten(shelf: Shelf) -> None:
    with pytest.raises(DBAPIError, match="is append-only"):
        async with shelf.units("system") as ctx:
            await ctx.db.execute(text("update catalog.service_price set price = 1"))


@pytest.mark.spec("REF-16", bites="prikus_catalog.services:delete_category:await ctx.db.execute(")
async def test_a_category_goes_into_the_trash_with_its_services(shelf: Shelf) -> None:
    async with shelf.units("director") as ctx:
        await delete_category(ctx, shelf.category)
    assert await shelf.rows(NAMES) == [("Терапия", False), ("Кариес, реставрация", False)]


@pytest.mark.spec("REF-19", bites="prikus_catalog.services:delete_service:ctx.soft_delete(")
async def test_a_service_in_the_trash_is_offered_no_more_and_still_known(shelf: Shelf) -> None:
    async with shelf.units("director") as ctx:
        await delete_service(ctx, shelf.service)
    async with shelf.units("director") as ctx:
        assert await find_services(ctx, "кариес") == []
        assert await price_of(ctx, {shelf.service}) == {}
        with pytest.raises(NotFound):
            await delete_service(ctx, shelf.service)
        known = (await ctx.db.execute(services_v1())).one()
    assert (known.name, known.category_name, known.deleted_at is None) == ("Кариес, реставрация", "Терапия", False)


async def test_an_inactive_service_stays_in_the_list_and_is_not_offered(shelf: Shelf) -> None:
    async with shelf.units("director") as ctx:
        await change_service(ctx, shelf.service, shelf.form(is_active=False, row_version=1))
    async with shelf.units("director") as ctx:
        assert await find_services(ctx, "кариес") == []
    assert (await shelf.rows(NAMES))[1] == ("Кариес, реставрация", True)


def test_the_columns_of_the_fact_are_a_promise() -> None:
    assert [column.key for column in services_v1().selected_columns] == [
        "clinic_id",
        "service_id",
        "code",
        "name",
        "price",
        "duration",
        "per_tooth",
        "tax_code",
        "vat_rate",
        "xray_type",
        "dose_usv",
        "is_active",
        "deleted_at",
        "category_id",
        "category_name",
    ]
