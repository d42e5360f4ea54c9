"""What the price list contributes to others: menu and trash."""

from __future__ import annotations

from prikus.toolkit import MenuItem, TrashSection, hookimpl
from prikus_catalog.models import Service, ServiceCategory


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Прайс-лист", "list-details", "/catalog/", 205, "catalog.service.view", section="manage")]


@hookimpl
def trash_sections() -> list[TrashSection]:
    return [
        TrashSection(
            "catalog.service",
            "Услуги",
            Service,
            Service.name,
            "catalog.service.delete",
            30,
            note=Service.code,
            taken="Код этой услуги уже носит другая. Измените его и восстановите снова.",
        ),
        TrashSection(
            "catalog.category",
            "Категории услуг",
            ServiceCategory,
            ServiceCategory.name,
            "catalog.service.delete",
            40,
        ),
    ]
