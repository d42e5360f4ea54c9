"""Finding patients (PAT-01)."""

import re
from collections.abc import Awaitable, Callable

import pytest

from prikus.patients.services.keeping import delete_patient
from prikus.patients.services.search import PAGE, find_patients, list_patients
from prikus.testing.clinics import Client, TestClinic

from .conftest import Add


@pytest.fixture
async def names(clinic: TestClinic, add: Add) -> Callable[[str], Awaitable[list[str]]]:
    """Last names of whoever is found for a text, in a clinic of four."""
    await add("Семёнова Алёна Игоревна", phone="+7 912 340-12-89")
    await add("Мороз Пётр Ильич", phone="+7 909 214-55-07")
    await add("Морозова Анна Викторовна", phone="+7 922 745-16-38")
    await add("Альбовский Морозко", phone="+7 343 912-34-01")

    async def find(text: str) -> list[str]:
        async with clinic.ctx_as("doctor") as ctx:
            return [match.last_name for match in await find_patients(ctx, text)]

    return find


@pytest.mark.spec("PAT-01", part="beginnings", bites="prikus.patients.services.search:find_patients:first = await")
async def test_beginnings_come_first(names: Callable[[str], Awaitable[list[str]]]) -> None:
    assert await names("мороз") == ["Мороз", "Морозова", "Альбовский"]


@pytest.mark.spec(
    "PAT-01",
    part="inside of names",
    bites="prikus.patients.services.search:find_patients:found = await _inside()",
)
async def test_parts_of_any_name_are_found(names: Callable[[str], Awaitable[list[str]]]) -> None:
    assert await names("ьбовск") == ["Альбовский"]
    assert await names("анна мороз") == ["Морозова"]
    assert await names("ильич") == ["Мороз"]


@pytest.mark.spec(
    "PAT-01", part="ё and case", bites="prikus.patients.services.search:find_patients:key, digits = search_key"
)
@pytest.mark.parametrize("text", ["семен", "СЕМЁНОВА АЛЕНА", "  Семёнова   алёна иг", "алена"])
async def test_case_and_yo_do_not_matter(names: Callable[[str], Awaitable[list[str]]], text: str) -> None:
    assert await names(text) == ["Семёнова"]


@pytest.mark.spec("PAT-01", part="phones", bites="prikus.patients.services.names:phone_beginning:return")
@pytest.mark.parametrize("text", ["8 (912) 340", "+7 912 340", "7912340", "912 340-12", "8912"])
async def test_phones_are_compared_by_digits(names: Callable[[str], Awaitable[list[str]]], text: str) -> None:
    assert (await names(text))[0] == "Семёнова"


async def test_the_end_of_a_phone_and_the_card_number_are_found(names: Callable[[str], Awaitable[list[str]]]) -> None:
    assert await names("16-38") == ["Морозова"]
    assert (await names("2"))[0] == "Мороз"
    assert (await names("000002"))[0] == "Мороз"


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "''; drop", "\\", "🦷", "9" * 40, "ж" * 200])
async def test_strange_texts_find_nobody(names: Callable[[str], Awaitable[list[str]]], text: str) -> None:
    assert await names(text) == []


async def test_deleted_and_foreign_patients_are_not_found(
    clinic: TestClinic, make_clinic: Callable[[], Awaitable[TestClinic]], add: Add
) -> None:
    gone = await add("Исчезнувшая Анна", phone="+7 912 000-00-01")
    await add("Исчезающая Анна", where=await make_clinic(), phone="+7 912 000-00-02")
    async with clinic.ctx_as() as ctx:
        assert [match.id for match in await find_patients(ctx, "счез")] == [gone.id]
        await delete_patient(ctx, gone.id)
    async with clinic.ctx_as() as ctx:
        for text in ("счез", "исчез", "91200000", "000-00-02", "1"):
            assert await find_patients(ctx, text) == []


@pytest.mark.spec("PAT-01", part="what the list shows", bites="prikus.patients.pages:patients:return page")
async def test_the_list_shows_who_they_are(client_as: Callable[..., Awaitable[Client]], add: Add) -> None:
    await add("Морозова Анна Викторовна", phone="8 912 340-12-89")
    client = await client_as("administrator")
    rows = (await client.htmx.get("/patients/", params={"q": "мороз"})).text
    words = " ".join(re.sub(r"<[^>]+>", " ", rows).split())
    assert "МА Мороз ова Анна Викторовна 000001 +7 912 340-12-89" in words
    assert "Активен" in words
    assert "<html" not in rows
    assert "Морозова" not in (await client.htmx.get("/patients/", params={"q": "петр"})).text


async def test_lines_of_a_picker(client_as: Callable[..., Awaitable[Client]], add: Add) -> None:
    anna = await add("Морозова Анна Викторовна")
    client = await client_as("doctor")
    lines = (await client.get("/patients/search", params={"q": "мороз", "pick": 1})).text
    assert f'data-value="{anna.id}"' in lines
    assert f'data-href="/patients/{anna.id}"' in lines
    assert "<mark>Мороз</mark>ова Анна Викторовна" in lines
    assert 'data-panel="/patients/new?name=%D0%BC%D0%BE%D1%80%D0%BE%D0%B7"' in lines
    accountant = await client_as("accountant")
    assert "/patients/new" not in (await accountant.get("/patients/search", params={"q": "мороз"})).text


@pytest.mark.parametrize("sort", ["name", "-name", "card", "-card"])
async def test_pages_hold_everybody_once_there_and_back(clinic: TestClinic, add: Add, sort: str) -> None:
    many = 2 * PAGE + 7
    letters = "абвгд"
    for number in range(many):
        await add(f"Иванов{letters[number * 7 % 5]} Анна", phone=f"+7 912 {number:03} 00 00")
    async with clinic.ctx_as() as ctx:
        page = await list_patients(ctx, sort=sort)  # type: ignore[arg-type]
        pages = [page]
        while page.next:
            page = await list_patients(ctx, sort=sort, after=page.next)  # type: ignore[arg-type]
            pages.append(page)
        back = await list_patients(ctx, sort=sort, before=page.previous)  # type: ignore[arg-type]
    assert [len(part.rows) for part in pages] == [PAGE, PAGE, 7]
    rows = [match for part in pages for match in part.rows]
    assert len({match.id for match in rows}) == many == page.total
    values = [match.card_number if "card" in sort else (match.last_name, match.id) for match in rows]
    assert values == sorted(values, reverse=sort.startswith("-"))
    assert [match.id for match in back.rows] == [match.id for match in pages[1].rows]
    assert (pages[0].previous, pages[-1].next) == (None, None)


async def test_statements_do_not_grow_with_patients(
    clinic: TestClinic, add: Add, count_statements: Callable[[], object]
) -> None:
    for number in range(12):
        await add(f"Ивановна{number} Анна", phone=f"+7 912 {number:03} 00 00")
    async with clinic.ctx_as() as ctx:
        with count_statements() as listing:  # type: ignore[attr-defined]
            await list_patients(ctx)
        with count_statements() as full:  # type: ignore[attr-defined]
            assert len(await find_patients(ctx, "ивановна", 10)) == 10
        with count_statements() as rare:  # type: ignore[attr-defined]
            await find_patients(ctx, "анна", 10)
    assert (len(listing), len(full), len(rare)) == (2, 1, 2)


async def test_nobody_sees_patients_without_the_right(client_as: Callable[..., Awaitable[Client]]) -> None:
    client = await client_as("warehouse")
    for path in ("/patients/", "/patients/search?q=анна", "/patients/new", "/patients/1", "/patients/1/edit"):
        assert (await client.get(path)).status_code == 403
