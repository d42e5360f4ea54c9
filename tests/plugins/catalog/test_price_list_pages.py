"""«Прайс-лист» over HTTP: its forms, its search, its rights, and other clinics."""

import pytest

from prikus_catalog.services import add_service
from tests.plugins.catalog.conftest import Shelf, furnish

SERVICE = """
    select code, name, price, duration, per_tooth, tax_code, vat_rate, xray_type, dose_usv, is_active
    from catalog.service
"""


@pytest.mark.spec("REF-15", bites="prikus_catalog.services:add_category:ctx.db.add(category)")
async def test_a_category_is_added_by_its_form(client_as) -> None:
    client = await client_as("director")
    assert "Добавление категории" in (await client.htmx.get("/catalog/categories/new")).text
    answer = await client.htmx.post("/catalog/categories/new", data={"name": "Хирургия"})
    assert answer.status_code == 204
    assert "catalog-changed" in answer.headers["HX-Trigger"]
    assert "Хирургия" in (await client.get("/catalog/")).text


@pytest.mark.spec("REF-18", bites="prikus_catalog.pages:create_service:await services.add_service")
async def test_a_service_is_added_with_all_its_fields(client_as, shelf: Shelf) -> None:
    client = await client_as("director")
    form = (await client.htmx.get(f"/catalog/services/new?category={shelf.category}")).text
    assert f'<option value="{shelf.category}" selected>Терапия</option>' in form
    fields = {
        "category_id": str(shelf.category),
        "code": "A06.07.004",
        "name": "Ортопантомография",
        "price": "1 900,50",
        "duration": "10",
        "per_tooth": "1",
        "tax_code": "2",
        "vat_rate": "20",
        "is_xray": "1",
        "xray_type": "panoramic",
        "dose_usv": "20",
        "is_active": "1",
    }
    assert (await client.htmx.post("/catalog/services/new", data=fields)).status_code == 204
    rows = await shelf.rows(f"{SERVICE} where code = 'A06.07.004'")
    assert [tuple(str(value) for value in row) for row in rows] == [
        ("A06.07.004", "Ортопантомография", "1900.50", "10", "True", "2", "20", "panoramic", "20", "True")
    ]
    page = (await client.get(f"/catalog/?category={shelf.category}")).text
    assert "Ортопантомография" in page
    assert "1\u00a0900,50\u00a0₽" in page


async def test_mistakes_stand_beside_their_fields(client_as, shelf: Shelf) -> None:
    client = await client_as("director")
    fields = {"category_id": str(shelf.category), "price": "-5", "name": "", "duration": "0", "code": "A16.07.002"}
    answer = await client.htmx.post("/catalog/services/new", data=fields)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["name"]
    answer = await client.htmx.post("/catalog/services/new", data={**fields, "name": "Пломба"})
    assert set(answer.json()["fields"]) == {"price", "duration", "code"}


@pytest.mark.parametrize("query", ["кариес", "реставрация кариес", "a16.07", "КАРИЕС"])
async def test_search_finds_words_of_name_and_code(client_as, shelf: Shelf, query: str) -> None:
    client = await client_as("administrator")
    assert "7\u00a0900,00\u00a0₽" in (await client.get("/catalog/", params={"q": query})).text
    options = (await client.htmx.get("/catalog/services/search", params={"q": query})).text
    assert f'data-value="{shelf.service}"' in options
    assert "data-value" not in (await client.htmx.get("/catalog/services/search", params={"q": "удаление"})).text


@pytest.mark.parametrize("query", ["%", "_", "\\"])
async def test_signs_of_patterns_are_only_signs(client_as, shelf: Shelf, query: str) -> None:
    client = await client_as("administrator")
    assert "data-value" not in (await client.htmx.get("/catalog/services/search", params={"q": query})).text


async def test_those_who_only_look_can_change_nothing(client_as, shelf: Shelf) -> None:
    client = await client_as("administrator")
    page = (await client.get(f"/catalog/?category={shelf.category}")).text
    assert "Кариес, реставрация" in page
    assert "Добавить услугу" not in page
    paths = [
        "/catalog/categories/new",
        f"/catalog/categories/{shelf.category}/edit",
        f"/catalog/categories/{shelf.category}/delete",
        f"/catalog/services/{shelf.service}/delete",
    ]
    for path in paths:
        assert (await client.htmx.post(path, data={"name": "Другое"})).status_code == 403, path
    assert await shelf.rows("select name from catalog.service_category where deleted_at is null") == [("Терапия",)]


async def test_another_clinics_price_list_is_not_there(client_as, shelf: Shelf, make_clinic) -> None:
    other = await make_clinic()
    await furnish(other.ctx_as)
    client = await other.client_as("director")
    for path in (f"/catalog/services/{shelf.service}/edit", f"/catalog/categories/{shelf.category}/edit"):
        assert (await client.htmx.get(path)).status_code == 404
    for path in (f"/catalog/services/{shelf.service}/delete", f"/catalog/categories/{shelf.category}/delete"):
        assert (await client.htmx.post(path)).status_code == 404
    assert (await (await client_as("director")).htmx.get(f"/catalog/services/{shelf.service}/edit")).status_code == 200


async def test_the_page_costs_the_same_for_one_and_for_thirty_services(
    client_as, shelf: Shelf, count_statements
) -> None:
    client = await client_as("director")
    url = f"/catalog/?category={shelf.category}"
    await client.get(url)
    with count_statements() as for_one:
        assert (await client.get(url)).text.count("p-catalog-service ") == 1
    async with shelf.units("director") as ctx:
        for n in range(29):
            await add_service(ctx, shelf.form(code=f"N-{n}", name=f"Услуга {n}"))
    with count_statements() as for_thirty:
        assert (await client.get(url)).text.count("p-catalog-service ") == 30
    assert len(for_one) == len(for_thirty)
