"""Rights of «Сотрудники»."""

from prikus.host.manifest import Permission

permissions = (
    Permission("staff.member.view", "Сотрудники: просмотр", ("director", "administrator", "accountant")),
    Permission("staff.member.edit", "Сотрудники: добавление и изменение", ("director",)),
    Permission("staff.member.delete", "Сотрудники: удаление и восстановление", ("director",)),
    Permission("staff.member.rights", "Сотрудники: «Изменить права»", ("director",)),
    Permission("staff.group.edit", "Права пользователей: группы", ("director",)),
)
