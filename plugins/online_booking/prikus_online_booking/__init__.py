"""Онлайн-запись (INT-12, INT-13)."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="online_booking",
    title="Онлайн-запись",
    summary="Свободное время врачей для агрегаторов и записи, которые приходят от них",
    version="1.0.0",
    category="capability",
    icon="world",
    requires=("calendar",),
    acts=("calendar.shift.view",),
)
