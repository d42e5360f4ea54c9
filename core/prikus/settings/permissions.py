"""Rights of «Настройки системы»."""

from prikus.host.manifest import Permission

permissions = (
    Permission("settings.page.view", "Настройки системы: просмотр", ("director",)),
    Permission("settings.module.switch", "Модули: включение и выключение", ("director",)),
    Permission("settings.organization.edit", "Организация: изменение", ("director",)),
)
