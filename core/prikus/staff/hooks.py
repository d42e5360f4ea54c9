"""Where «Сотрудники» stands in the menu, and its section of the trash."""

from sqlalchemy import func

from prikus.access.models import PermissionGroup, StaffMember
from prikus.host.declarations import hookimpl
from prikus.staff.services.groups import restore_group
from prikus.staff.services.members import restore_member
from prikus.trash.hookspecs import TrashSection
from prikus.ui.descriptors import MenuItem


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Сотрудники", "id-badge-2", "/staff/", 200, "staff.member.view", section="manage")]


@hookimpl
def trash_sections() -> list[TrashSection]:
    name = func.concat_ws(" ", StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    taken = "Этот человек уже снова работает в клинике: второй раз его восстановить нельзя."
    return [
        TrashSection(
            "staff",
            "Сотрудники",
            StaffMember,
            name,
            "staff.member.delete",
            30,
            note=StaffMember.email,
            restore=restore_member,
            taken=taken,
        ),
        TrashSection(
            "groups",
            "Группы прав",
            PermissionGroup,
            PermissionGroup.title,
            "staff.group.edit",
            35,
            restore=restore_group,
        ),
    ]
