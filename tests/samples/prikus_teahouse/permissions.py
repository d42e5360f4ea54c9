from prikus.toolkit import Permission

permissions = (
    Permission("teahouse.tea.view", "Чай: просмотр", ("director", "administrator", "doctor")),
    Permission("teahouse.tea.brew", "Чай: заваривание", ("director", "administrator")),
)
