"""Rights of «Чеки»."""

from prikus.toolkit import Permission

permissions = (
    Permission("fiscal.receipt.view", "Чеки: просмотр", ("director", "administrator", "accountant")),
    Permission("fiscal.receipt.retry", "Чеки: контакт и повтор", ("director", "administrator")),
    Permission("fiscal.receipt.correct", "Чеки: исправление", ("director",)),
    Permission("fiscal.register.edit", "Чеки: кассы", ("director",)),
)
