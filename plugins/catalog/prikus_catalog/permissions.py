"""Rights of the price list."""

from prikus.toolkit import Permission

EVERYBODY = ("director", "administrator", "doctor", "coordinator", "accountant")

permissions = (
    Permission("catalog.service.view", "Прайс-лист: просмотр", EVERYBODY),
    Permission("catalog.service.edit", "Прайс-лист: услуги, категории и цены", ("director",)),
    Permission("catalog.service.delete", "Прайс-лист: удаление", ("director",)),
)
