"""«Платежи» of the patient's card, the invoice with its forms, the printed invoice, the deposit, the cash desk."""

from prikus_billing.pages import deposits, desk, invoices, issuing, paying, reversing

routes = [*invoices.routes, *issuing.routes, *paying.routes, *deposits.routes, *reversing.routes, *desk.routes]
