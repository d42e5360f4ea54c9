"""Rights on connections with the outside world (SET-06)."""

from prikus.host.manifest import Permission

permissions = (Permission("connections.connection.edit", "API Интеграции: подключение и отключение", ("director",)),)
