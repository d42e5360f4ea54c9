"""Rights of «Платежи»."""

from prikus.toolkit import Permission

FRONT_DESK = ("director", "administrator")

permissions = (
    Permission("billing.invoice.view", "Платежи: просмотр", (*FRONT_DESK, "coordinator", "accountant")),
    Permission("billing.invoice.issue", "Счета: выставление", FRONT_DESK),
    Permission("billing.invoice.price", "Счета: цена не по прайс-листу", ("director",)),
    Permission("billing.invoice.pay", "Счета: приём оплаты", FRONT_DESK),
    Permission("billing.invoice.cancel", "Счета: отмена", FRONT_DESK),
    Permission("billing.invoice.refund", "Счета: возврат денег", ("director",)),
    Permission("billing.deposit.take", "Предоплата: приём", FRONT_DESK),
    Permission("billing.deposit.withdraw", "Депозит: снятие", ("director",)),
    Permission("billing.shift.view", "Касса: просмотр", (*FRONT_DESK, "accountant")),
    Permission("billing.shift.run", "Касса: ведение смены", FRONT_DESK),
    Permission("billing.invoice.print", "Счета: печать", (*FRONT_DESK, "accountant")),
)
