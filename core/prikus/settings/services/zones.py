"""Time zones that a clinic chooses from (ROAD-01)."""

from __future__ import annotations

from zoneinfo import available_timezones

from prikus.errors import Invalid

ZONES = (
    ("Europe/Kaliningrad", "Калининград"),
    ("Europe/Moscow", "Москва, Санкт-Петербург"),
    ("Europe/Samara", "Самара, Ижевск"),
    ("Asia/Yekaterinburg", "Екатеринбург, Пермь, Уфа"),
    ("Asia/Omsk", "Омск"),
    ("Asia/Novosibirsk", "Новосибирск, Томск, Барнаул"),
    ("Asia/Krasnoyarsk", "Красноярск, Кемерово"),
    ("Asia/Irkutsk", "Иркутск, Улан-Удэ"),
    ("Asia/Yakutsk", "Якутск, Чита, Благовещенск"),
    ("Asia/Vladivostok", "Владивосток, Хабаровск"),
    ("Asia/Magadan", "Магадан, Южно-Сахалинск"),
    ("Asia/Kamchatka", "Петропавловск-Камчатский"),
    ("Europe/Minsk", "Минск"),
    ("Asia/Yerevan", "Ереван"),
    ("Asia/Almaty", "Алматы, Астана"),
    ("Asia/Tashkent", "Ташкент"),
    ("Asia/Bishkek", "Бишкек"),
)


def choices(current: str | None) -> list[tuple[str, str]]:
    """The usual zones; another one that is already chosen stays on the list."""
    usual = list(ZONES)
    return usual if current is None or current in dict(ZONES) else [*usual, (current, current)]


def check(zone: str | None) -> None:
    """Raises `Invalid` for a zone that the system does not know."""
    if zone is not None and zone not in available_timezones():
        raise Invalid({"time_zone": "Такого часового пояса нет."})
