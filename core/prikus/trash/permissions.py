"""Rights of «Корзина»."""

from prikus.host.manifest import Permission

permissions = (
    Permission("trash.page.view", "Корзина: просмотр", ("director", "administrator")),
    Permission("trash.object.restore", "Корзина: восстановление", ("director", "administrator")),
)
