from tests.plugins.billing.conftest import Desk

async def test_issue_and_pay(desk: Desk) -> None:
    made = await desk.invoice()
    assert str(made.total) == "9100.00"
    print(await desk.ledger())
    print(await desk.pay(made.invoice_id, cash="100", cashless="1000"))
    print(await desk.ledger())
    print(await desk.rows("select status, paid, total, number from billing.invoice"))
