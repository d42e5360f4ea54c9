"""Снимки (DIAG-01, DIAG-07, DIAG-08, ROAD-40)."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="imaging",
    title="Снимки",
    summary="Снимки зубов в карточке пациента и их анализ подключёнными сервисами",
    version="1.0.0",
    category="capability",
    icon="photo",
)
