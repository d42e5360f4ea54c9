from prikus.toolkit import Permission

permissions = (
    Permission("crm.request.view", "CRM: просмотр заявок", ("director", "administrator", "coordinator")),
    Permission("crm.request.edit", "CRM: добавление и изменение заявок", ("director", "administrator", "coordinator")),
    Permission("crm.request.delete", "CRM: удаление заявок", ("director", "administrator")),
)
