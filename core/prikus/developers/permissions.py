"""Rights on what programs may do in a clinic (API-01)."""

from prikus.host.manifest import Permission

permissions = (Permission("developers.key.edit", "Ключи API: выпуск, замена и отзыв", ("director",)),)
