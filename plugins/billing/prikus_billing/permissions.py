"""Rights of «Платежи»."""

from prikus.toolkit import Permission

FRONT_DESK = ("director", "administrator")

permissions = (
    Permission("billing.invoice.view", "Платежи: просмотр", (*FRONT_DESK, "coordinator", "accountant")),
    Permission("billing.invoice.issue", "Счета: выставление", FRONT_DESK),
    Permission("billing.invoice.price", "Счета: цена не по прайс-листу", ("director",)),
    Permission("billing.invoice.pay", "Счета: приём оплаты", FRONT_DESK),
    Permission("billing.invoice.print", "Счета: печать", (*FRONT_DESK, "accountant")),
)
