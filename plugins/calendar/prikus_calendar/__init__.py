"""Календарь."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="calendar",
    title="Календарь",
    summary="Запись по креслам, рабочее время врачей",
    version="1.0.0",
    icon="calendar",
)
