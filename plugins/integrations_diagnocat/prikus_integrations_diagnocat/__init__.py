"""Diagnocat (INT-03)."""

from prikus.toolkit import Plugin, Use

FIELDS = "снимки зубов, номер карты; имя и дата рождения, если клиника это разрешила"
PURPOSE = "анализ снимков"
TERM = "пока клиника пользуется сервисом"

plugin = Plugin(
    id="integrations_diagnocat",
    title="Diagnocat",
    summary="Анализ снимков искусственным интеллектом",
    version="1.0.0",
    category="integration",
    icon="sparkles",
    requires=("imaging",),
    uses=(
        Use(FIELDS, PURPOSE, "*.diagnocat.ru", "Россия", TERM),
        Use(FIELDS, PURPOSE, "*.diagnocat.com", "Европейский союз", TERM),
    ),
)
"""Images are uploaded to addresses that the service gives: to hosts of its own, whichever."""
