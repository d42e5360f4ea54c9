"""Сообщения (CRM-26 … CRM-28)."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="messaging",
    title="Сообщения",
    summary="Журнал и отправка SMS через подключённые сервисы",
    version="1.0.0",
    category="capability",
    icon="message",
)
