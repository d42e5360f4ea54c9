"""Платежи."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="billing",
    title="Платежи",
    summary="Счета, оплаты, долги пациентов",
    version="1.0.0",
    icon="receipt",
    requires=("catalog",),
    enhances=("calendar",),
)
