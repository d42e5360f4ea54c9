"""The deposit, cancelling and refunding over HTTP."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.plugins.billing.conftest import Desk, sent


async def test_the_deposit_stands_in_the_card_with_its_buttons(client_as, desk: Desk) -> None:
    await desk.top_up("5000")
    director, accountant = await client_as("director"), await client_as("accountant")
    at = f"/billing/patients/{desk.patient_id}"
    assert "5\u00a0000,00" in (await director.htmx.get(f"{at}/deposit/sum")).text
    box = (await director.htmx.get(f"{at}/deposit")).text
    assert "Предоплата" in box
    assert "Снять" in box
    assert "Предоплата" not in (await accountant.htmx.get(f"{at}/deposit")).text
    section = (await director.htmx.get(at)).text
    assert "Депозит 5\u00a0000,00\u00a0₽" in section
    card = (await director.get(f"/patients/{desk.patient_id}")).text
    assert f"{at}/deposit/sum" in card
    assert f'hx-get="{at}/deposit"' in card


@pytest.mark.spec("PAT-14", bites="prikus_billing.pages.deposits:top_up:moved = await deposits.top_up")
async def test_a_prepayment_is_taken_by_its_form(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    path = f"/billing/patients/{desk.patient_id}/deposit/top-up"
    panel = (await client.htmx.get(path)).text
    for shown in ("Предоплата", "Способ оплаты", "Наличные", "Безнал", "Сумма оплаты", "Внести"):
        assert shown in panel
    form = {"kind": "cashless", "amount": "1 500,50", "idempotency_key": str(uuid4())}
    answers = [await client.htmx.post(path, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert await desk.ledger() == [("cashless", "1500.50"), ("deposit", "-1500.50")]
    assert await desk.deposit() == Decimal("1500.50")
    refused = await sent(client, path, kind="card", amount="0")
    assert refused.status_code == 422
    assert set(refused.json()["fields"]) == {"kind"}
    assert set((await sent(client, path, kind="cash", amount="0")).json()["fields"]) == {"amount"}


@pytest.mark.spec("PAT-15", bites="prikus_billing.pages.deposits:withdraw:moved = await deposits.withdraw")
async def test_the_deposit_is_given_back_after_a_warning(client_as, desk: Desk) -> None:
    await desk.top_up("5000")
    director = await client_as("director")
    path = f"/billing/patients/{desk.patient_id}/deposit/withdraw"
    panel = (await director.htmx.get(path)).text
    for shown in ("Да, снять!", "Депозит станет равен нулю", 'value="cash" checked', "5\u00a0000,00"):
        assert shown in panel
    [amount] = re.findall(r'name="amount" value="([^"]+)"', panel)
    assert (await sent(director, path, kind="cash", amount=amount)).status_code == 204
    assert await desk.deposit() == 0
    assert await desk.ledger() == [
        ("cash", "-5000.00"),
        ("cash", "5000.00"),
        ("deposit", "-5000.00"),
        ("deposit", "5000.00"),
    ]
    assert (await director.htmx.get(path)).status_code == 409
    assert (await (await client_as("administrator")).htmx.get(path)).status_code == 403
    moves = (await director.htmx.get(f"/billing/patients/{desk.patient_id}/deposit/moves")).text
    for shown in ("Предоплата", "наличные", "−5\u00a0000,00"):
        assert shown in moves, shown
    assert re.search(r"Снятие депозита</span><small[^>]*>[^<]*Руководитель К\.", moves)
    box = (await director.htmx.get(f"/billing/patients/{desk.patient_id}/deposit")).text
    assert re.search(r'/deposit/withdraw"[^>]* disabled><span>Снять<', box)


async def test_the_deposit_is_the_third_way_of_paying_and_takes_what_is_above(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    invoice = (await desk.invoice()).invoice_id
    path = f"/billing/invoices/{invoice}/pay"
    assert "С депозита" not in (await client.htmx.get(path)).text
    await desk.top_up("5000")
    panel = (await client.htmx.get(path)).text
    assert "С депозита" in panel
    assert "Доступно 5\u00a0000,00" in panel
    refused = await sent(client, path, deposit="5000.00", cash="4500.00")
    assert refused.json()["fields"] == {"cash": "Больше, чем осталось оплатить: 9\u00a0100,00\u00a0₽."}
    answer = await sent(client, path, deposit="5000.00", cash="4500.00", rest_to_deposit="1")
    assert answer.status_code == 204
    assert "400,00" in answer.headers["HX-Trigger"].encode().decode("unicode_escape")
    card = (await client.get(f"/billing/invoices/{invoice}")).text
    assert "с депозита" in card
    assert await desk.deposit() == 400


@pytest.mark.spec("PAY-06", part="form", bites="prikus_billing.pages.reversing:cancel:undone = await reversing")
async def test_an_invoice_is_cancelled_by_its_form(client_as, desk: Desk) -> None:
    client = await client_as("administrator")
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    assert f"/billing/invoices/{invoice}/cancel" in (await client.htmx.get(f"/billing/patients/{desk.patient_id}")).text
    path = f"/billing/invoices/{invoice}/cancel"
    panel = (await client.htmx.get(path)).text
    assert "Оплаченное, 100,00" in panel
    assert (await sent(client, path)).json()["fields"] == {"reason": "Укажите причину."}
    assert (await sent(client, path, reason="Не тот врач")).status_code == 204
    card = (await client.get(f"/billing/invoices/{invoice}")).text
    for shown in ("Отменён", "Счёт отменён", "Не тот врач", "на депозит"):
        assert shown in card, shown
    assert path not in card
    assert (await client.htmx.get(path)).status_code == 409
    assert (await (await client_as("accountant")).htmx.get(path)).status_code == 403


async def test_services_are_refunded_by_their_form(client_as, desk: Desk) -> None:
    director = await client_as("director")
    invoice = (await desk.invoice()).invoice_id
    path = f"/billing/invoices/{invoice}/refund"
    assert (await director.htmx.get(path)).status_code == 409
    await desk.pay(invoice, cashless="9100")
    panel = (await director.htmx.get(path)).text
    assert 'value="cashless" checked' in panel
    assert "2 шт., 1\u00a0200,00" in panel
    names = re.findall(r'name="(quantity-\d+)"', panel)
    nothing = await sent(director, path, way="cash", reason="Жалоба", **dict.fromkeys(names, "0"))
    assert nothing.json()["fields"] == {"lines": "Выберите, какие услуги вернуть."}
    many = await sent(director, path, way="cash", reason="Жалоба", **{names[1]: "3"})
    assert many.json()["fields"] == {names[1]: "Можно вернуть не больше 2."}
    assert set((await sent(director, path, way="card", **{names[1]: "1"})).json()["fields"]) == {"way"}
    assert (await sent(director, path, way="cashless", reason="Жалоба", **{names[1]: "2"})).status_code == 204
    card = (await director.get(f"/billing/invoices/{invoice}")).text
    for shown in ("Возвращён частично", "Анестезия инфильтрационная × 2", "Жалоба", "−1\u00a0200,00"):
        assert shown in card, shown
    assert (await (await client_as("administrator")).htmx.get(path)).status_code == 403


@pytest.mark.parametrize("path", ["deposit", "deposit/sum", "deposit/moves", "deposit/top-up", "deposit/withdraw"])
async def test_another_clinics_deposit_is_not_there(client_as, desk: Desk, make_clinic, path: str) -> None:
    await desk.top_up("1")
    stranger, own = await (await make_clinic()).client_as("director"), await client_as("director")
    at = f"/billing/patients/{desk.patient_id}/{path}"
    assert (await own.htmx.get(at)).status_code == 200
    assert (await stranger.htmx.get(at)).status_code == 404
