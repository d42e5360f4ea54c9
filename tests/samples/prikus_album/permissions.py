from prikus.toolkit import Permission

permissions = (
    Permission("album.photo.view", "Просмотр снимков", ("administrator",)),
    Permission("album.photo.edit", "Загрузка снимков", ("administrator",)),
)
