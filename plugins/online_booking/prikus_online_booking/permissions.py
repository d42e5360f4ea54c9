"""Rights of «Онлайн-запись»."""

from prikus.toolkit import Permission

permissions = (
    Permission("online_booking.booking.view", "Онлайн-запись: просмотр", ("director", "administrator", "coordinator")),
    Permission("online_booking.channel.edit", "Онлайн-запись: что публикуется", ("director",)),
)
