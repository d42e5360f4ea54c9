"""«Платежи» of the patient's card, the invoice, its form, «Форма оплаты», and the printed invoice."""

from prikus_billing.pages import invoices, issuing, paying

routes = [*invoices.routes, *issuing.routes, *paying.routes]
