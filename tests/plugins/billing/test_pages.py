"""«Платежи» over HTTP: the section of the card, the form, «Форма оплаты», the printed sheet."""

import datetime as dt
import re
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from prikus.operator.subscriptions import Terms, change_subscription
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.house import House
from tests.plugins.billing.conftest import Desk, furnish


async def _add_line(client: Client, service_id: int, **fields: str) -> dict[str, str]:
    """What the form sends for a service that was picked: the row comes from the server."""
    row = (await client.htmx.get("/billing/lines/new", params={"service": service_id})).text
    sent = dict(re.findall(r'<input[^>]*type="hidden" name="([^"]+)" value="([^"]*)"', row))
    id = sent["line"]
    return {**sent, f"quantity-{id}": "1", **{f"{name}-{id}": value for name, value in fields.items()}}


def _form(*lines: dict[str, str], **fields: str) -> dict[str, object]:
    sent: dict[str, object] = {"line": [line["line"] for line in lines], "idempotency_key": str(uuid4()), **fields}
    for line in lines:
        sent |= {name: value for name, value in line.items() if name != "line"}
    return sent


@pytest.mark.spec("PAY-04", bites="prikus_billing.pages.issuing:create:await invoices.issue_invoice")
async def test_the_form_issues_and_the_new_invoice_stands_first(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    await desk.invoice()
    panel = (await client.htmx.get(f"/billing/patients/{desk.patient_id}/invoices/new")).text
    assert "Выставить счёт" in panel
    lines = [await _add_line(client, desk.filling, teeth="26"), await _add_line(client, desk.anaesthesia, quantity="2")]
    answer = await client.htmx.post(
        f"/billing/patients/{desk.patient_id}/invoices/new", data=_form(*lines, note="Чек на почту")
    )
    assert answer.headers["HX-Redirect"] == f"/patients/{desk.patient_id}?tab=billing"
    section = (await client.htmx.get(f"/billing/patients/{desk.patient_id}")).text
    assert re.findall(r">№ (\d+)</a>", section) == ["2", "1"]
    [(issued_at,)] = await desk.rows("select issued_at from billing.invoice where number = 2")
    moment = issued_at.astimezone(ZoneInfo("Asia/Yekaterinburg")).strftime("%d.%m.%Y, %H:%M")
    for shown in ("Счёт № 2", moment, "Выставлен", "9\u00a0100,00\u00a0₽", "2.6", "Чек на почту"):
        assert shown in section
    facts = await desk.rows(
        "select payload->>'number', payload->>'total' from core.outbox_event where name = 'invoice.issued'"
    )
    assert sorted(facts) == [("1", "9100.00"), ("2", "9100.00")]


async def test_the_total_is_counted_by_the_server_while_the_form_is_filled_in(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    lines = [await _add_line(client, desk.filling, quantity="3"), await _add_line(client, desk.anaesthesia)]
    answer = (await client.htmx.post("/billing/total", data=_form(*lines))).text
    assert "<strong>" in answer
    sums = re.findall(r'ui-money\s*">([^<]+)<', answer)
    assert sums == ["24\u00a0300,00\u00a0₽", "23\u00a0700,00\u00a0₽", "600,00\u00a0₽"]
    unfinished = await _add_line(client, desk.filling, quantity="много")
    answer = (await client.htmx.post("/billing/total", data=_form(unfinished, lines[1]))).text
    assert re.findall(r'ui-money\s*">([^<]+)<', answer) == ["600,00\u00a0₽", "—", "600,00\u00a0₽"]


async def test_mistakes_come_back_to_the_rows_they_belong_to(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    good = await _add_line(client, desk.filling)
    bad = await _add_line(client, desk.anaesthesia, teeth="99", quantity="0")
    path = f"/billing/patients/{desk.patient_id}/invoices/new"
    answer = await client.htmx.post(path, data=_form(good, bad))
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {f"teeth-{bad['line']}", f"quantity-{bad['line']}"}
    assert list((await client.htmx.post(path, data=_form())).json()["fields"]) == ["lines"]
    assert await desk.ledger() == []


async def test_money_is_taken_by_its_form(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    invoice = (await desk.invoice()).invoice_id
    panel = (await client.htmx.get(f"/billing/invoices/{invoice}/pay")).text
    for shown in ("Форма оплаты", "Наличные", "Безнал", "9\u00a0100,00\u00a0₽"):
        assert shown in panel
    form = {"cash": "1 100,00", "cashless": "8000.00", "idempotency_key": str(uuid4())}
    answers = [await client.htmx.post(f"/billing/invoices/{invoice}/pay", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert "billing-changed" in answers[0].headers["HX-Trigger"]
    card = (await client.get(f"/billing/invoices/{invoice}")).text
    for shown in ("Оплачен", "наличные", "безнал", "1\u00a0100,00\u00a0₽", "8\u00a0000,00\u00a0₽"):
        assert shown in card
    assert len(await desk.ledger()) == 6
    assert (await client.htmx.get(f"/billing/invoices/{invoice}/pay")).status_code == 409


async def test_the_printed_sheet_has_all_and_leaves_a_trace(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    sheet = (await client.get(f"/billing/invoices/{invoice}/print")).text
    for shown in ("Счёт № 1 от", "Морозова Анна Викторовна", "Кариес, реставрация", "9\u00a0100,00", "9\u00a0000,00"):
        assert shown in sheet
    trace = await desk.rows("select sentence from core.audit_record where action = 'billing.invoice_printed'")
    assert trace == [("Напечатан счёт № 1",)]


async def test_a_clinic_whose_term_is_over_takes_no_money_and_still_prints(
    client_as, desk: Desk, clinic: TestClinic, house: House
) -> None:
    invoice = (await desk.invoice()).invoice_id
    client = await client_as("administrator")
    long_ago = dt.date.today() - dt.timedelta(days=60)
    await change_subscription(house.runtime, clinic.slug, Terms(ends_on=long_ago))
    form = {"cash": "100", "idempotency_key": str(uuid4())}
    refused = await client.htmx.post(f"/billing/invoices/{invoice}/pay", data=form)
    assert refused.status_code == 403
    assert "Подписка закончилась" in refused.json()["sentence"]
    assert (await client.get(f"/billing/invoices/{invoice}/print")).status_code == 200
    assert len(await desk.rows("select id from core.audit_record where action = 'billing.invoice_printed'")) == 1


async def test_the_cards_header_shows_the_debt(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    await desk.invoice()
    figure = (await client.htmx.get(f"/billing/patients/{desk.patient_id}/debt")).text
    assert "is-debt" in figure
    assert "9\u00a0100,00\u00a0₽" in figure


async def test_another_clinics_money_is_not_there(client_as, desk: Desk, make_clinic) -> None:
    invoice = (await desk.invoice()).invoice_id
    other = await make_clinic()
    await furnish(other.ctx_as)
    stranger, own = await other.client_as("director"), await client_as("director")
    paths = [
        f"/billing/patients/{desk.patient_id}",
        f"/billing/patients/{desk.patient_id}/debt",
        f"/billing/patients/{desk.patient_id}/invoices/new",
        f"/billing/invoices/{invoice}",
        f"/billing/invoices/{invoice}/print",
        f"/billing/invoices/{invoice}/pay",
        f"/billing/lines/new?service={desk.filling}",
    ]
    for path in paths:
        assert (await own.htmx.get(path)).status_code == 200, path
        assert (await stranger.htmx.get(path)).status_code == 404, path


async def test_those_without_rights_see_and_do_nothing(client_as, desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    nobody, accountant = await client_as(None), await client_as("accountant")
    for path in (f"/billing/patients/{desk.patient_id}", f"/billing/invoices/{invoice}"):
        assert (await nobody.htmx.get(path)).status_code == 403, path
        assert (await accountant.htmx.get(path)).status_code == 200, path
    assert (await accountant.htmx.get(f"/billing/invoices/{invoice}/pay")).status_code == 403
    assert "Добавить счёт" not in (await accountant.htmx.get(f"/billing/patients/{desk.patient_id}")).text


async def test_a_long_list_is_turned_page_by_page_and_costs_the_same(client_as, desk: Desk, count_statements) -> None:
    client = await client_as("administrator")
    url = f"/billing/patients/{desk.patient_id}"
    await desk.invoice()
    await client.htmx.get(url)
    with count_statements() as for_one:
        await client.htmx.get(url)
    for _ in range(24):
        await desk.invoice()
    with count_statements() as for_many:
        first = (await client.htmx.get(url)).text
    assert len(for_one) == len(for_many)
    onward = re.search(r'hx-get="([^"]*after=[^"]*)"', first)
    assert onward is not None
    second = (await client.htmx.get(onward[1].replace("&amp;", "&"))).text
    numbers = [re.findall(r">№ (\d+)</a>", text) for text in (first, second)]
    assert numbers == [[str(n) for n in range(25, 5, -1)], [str(n) for n in range(5, 0, -1)]]
    back = re.search(r'hx-get="([^"]*before=[^"]*)"', second)
    assert back is not None
    assert re.findall(r">№ (\d+)</a>", (await client.htmx.get(back[1].replace("&amp;", "&"))).text) == numbers[0]
