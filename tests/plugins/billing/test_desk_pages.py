"""«Касса» over HTTP."""

import re

import pytest

from prikus.testing.clinics import Client
from tests.plugins.billing.conftest import Desk, sent


async def shift_at(client: Client) -> str:
    [path] = set(re.findall(r"(/billing/desk/shifts/\d+)/close", (await client.get("/billing/desk")).text))
    return path


@pytest.mark.usefixtures("noon")
async def test_the_desk_is_opened_moved_and_closed_by_its_forms(client_as, desk: Desk, staff) -> None:
    client = await client_as("administrator")
    page = (await client.get("/billing/desk")).text
    for shown in ("Смена не открыта", "Открыть смену", "Сейчас в кассе"):
        assert shown in page
    assert (await sent(client, "/billing/desk/open", opening="-1")).json()["fields"].keys() == {"opening"}
    assert (await sent(client, "/billing/desk/open", opening="3 000,00")).status_code == 204
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="4000", cashless="100")
    page = (await client.get("/billing/desk")).text
    for shown in ("Смена № 1", "7\u00a0000,00", "Оплата счёта № 1", "Морозова", "Закрыть смену"):
        assert shown in page, shown
    at = await shift_at(client)
    for action, shown in (("put-in", "Откуда"), ("take-out", "Зачем"), ("hand-over", "Кому"), ("close", "Посчитано")):
        assert shown in (await client.htmx.get(f"{at}/{action}")).text
    assert (await client.htmx.get(f"{at}/burn")).status_code == 404
    assert (await sent(client, f"{at}/put-in", amount="500", reason="Размен")).status_code == 204
    assert (await sent(client, f"{at}/take-out", amount="9000", reason="Сейф")).json()["fields"].keys() == {"amount"}
    assert (await sent(client, f"{at}/take-out", amount="500", reason="Сейф")).status_code == 204
    colleague = await staff("administrator", last_name="Рыбакова")
    handed = await sent(client, f"{at}/hand-over", to_staff_id=str(colleague.staff_id), counted="7000")
    assert handed.status_code == 204
    assert "в кассе Рыбакова" in (await client.get("/billing/desk")).text
    refused = await sent(client, f"{at}/close", counted="6990")
    assert refused.json()["fields"] == {"reason": "Не хватает 10,00\u00a0₽. Пересчитайте или укажите причину."}
    assert (await sent(client, f"{at}/close", counted="6990", reason="Сдача")).status_code == 204
    page = (await client.get("/billing/desk")).text
    assert "При закрытии прошлой смены было 6\u00a0990,00" in page
    assert (await client.htmx.get(f"{at}/close")).status_code == 409
    past = (await client.get("/billing/desk/shifts")).text
    assert "−10,00" in past
    one = (await client.get(at)).text
    for shown in ("Расхождение", "Сдача", "Размен", "Передача смены"):
        assert shown in one, shown
    day = (await client.get("/billing/desk/day")).text
    for shown in ("Оплата счетов", "Итого", "4\u00a0000,00", "Без врача", "№ 1"):
        assert shown in day, shown
    assert "В этот день денег не было" in (await client.get("/billing/desk/day?date=2020-01-01")).text


async def test_forms_say_that_the_desk_is_closed_where_shifts_are_kept(client_as, desk: Desk) -> None:
    client, words = await client_as("director"), "не войдёт ни в одну смену"
    invoice = (await desk.invoice()).invoice_id
    await desk.top_up("10")
    panels = [
        f"/billing/invoices/{invoice}/pay",
        f"/billing/patients/{desk.patient_id}/deposit/top-up",
        f"/billing/patients/{desk.patient_id}/deposit/withdraw",
    ]
    assert [words in (await client.htmx.get(panel)).text for panel in panels] == [False] * 3
    await sent(client, "/billing/desk/open", opening="0")
    assert [words in (await client.htmx.get(panel)).text for panel in panels] == [False] * 3
    await sent(client, f"{await shift_at(client)}/close", counted="0")
    assert [words in (await client.htmx.get(panel)).text for panel in panels] == [True] * 3


async def test_who_may_only_look_sees_no_buttons(client_as, desk: Desk) -> None:
    accountant, doctor = await client_as("accountant"), await client_as("doctor")
    page = (await accountant.get("/billing/desk")).text
    assert "Откроет её администратор" in page
    assert "Открыть смену" not in page
    assert 'href="/billing/desk"' in page
    assert (await sent(accountant, "/billing/desk/open", opening="0")).status_code == 403
    assert (await doctor.get("/billing/desk")).status_code == 403
    assert 'href="/billing/desk"' not in (await doctor.get("/patients")).text


async def test_the_desk_costs_the_same_with_many_movements(client_as, desk: Desk, count_statements) -> None:
    client = await client_as("administrator")
    await sent(client, "/billing/desk/open", opening="0")
    await desk.top_up("1")
    await client.get("/billing/desk")
    with count_statements() as for_one:
        await client.get("/billing/desk")
    for _ in range(40):
        await desk.top_up("1")
    with count_statements() as for_many:
        page = (await client.get("/billing/desk")).text
    assert len(for_one) == len(for_many)
    [onward] = re.findall(r'hx-get="(/billing/desk\?after=[^"]+)"', page)
    rest = (await client.htmx.get(onward.replace("&amp;", "&"))).text
    assert (page.count("Предоплата"), rest.count("Предоплата")) == (30, 11)
