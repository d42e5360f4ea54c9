"""Rights of the clinic's own places."""

from prikus.host.manifest import Permission

permissions = (
    Permission("clinics.place.view", "Филиалы и кресла: просмотр", ("director", "administrator", "doctor")),
    Permission("clinics.place.edit", "Филиалы и кресла: изменение", ("director",)),
)
