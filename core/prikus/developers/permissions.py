"""Rights on what programs may do in a clinic (API-01) and what they are told (API-02)."""

from prikus.host.manifest import Permission

permissions = (
    Permission("developers.key.edit", "Ключи API: выпуск, замена и отзыв", ("director",)),
    Permission("developers.webhook.edit", "Вебхуки: адреса, секреты и журнал", ("director",)),
)
