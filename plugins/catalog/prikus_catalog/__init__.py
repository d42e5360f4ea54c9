"""Прайс-лист."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="catalog",
    title="Прайс-лист",
    summary="Категории и услуги с ценами",
    version="1.0.0",
    icon="list-details",
)
