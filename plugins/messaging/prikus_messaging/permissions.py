"""Rights of «Сообщения»."""

from prikus.toolkit import Permission

permissions = (
    Permission("messaging.message.view", "Сообщения: просмотр", ("director", "administrator", "coordinator")),
    Permission("messaging.message.send", "Сообщения: отправка", ("director", "administrator", "coordinator")),
)
