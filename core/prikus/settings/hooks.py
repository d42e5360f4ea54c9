"""Where «Настройки системы» stands in the menu, and the chairs' section of the trash."""

from sqlalchemy import select

from prikus.clinics.models import Branch, Chair
from prikus.host.declarations import hookimpl
from prikus.settings.services.places import restore_chair
from prikus.trash.hookspecs import TrashSection
from prikus.ui.descriptors import MenuItem


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Настройки системы", "settings", "/settings/", 230, "settings.page.view", section="system")]


@hookimpl
def trash_sections() -> list[TrashSection]:
    branch = select(Branch.name).where(Branch.id == Chair.branch_id).correlate(Chair).scalar_subquery()
    taken = "В этом филиале уже есть кресло с таким названием. Переименуйте его и восстановите снова."
    return [
        TrashSection(
            "chairs",
            "Кресла",
            Chair,
            Chair.name,
            "clinics.place.edit",
            60,
            note=branch,
            restore=restore_chair,
            taken=taken,
        )
    ]
