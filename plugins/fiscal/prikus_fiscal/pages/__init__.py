"""Pages of «Чеки»."""

from prikus_fiscal.pages import mending, receipts, registers

routes = [*receipts.routes, *mending.routes, *registers.routes]
