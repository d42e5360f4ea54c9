"""The page of the fake: what a person or a test lets it do."""

from __future__ import annotations

from prikus.fakes import ControlPage

FAULTS = {
    "down": "Касса недоступна (ошибка 50)",
    "paper": "Нет бумаги",
    "queue": "Чек простоял в очереди 300 секунд",
    "lost": "Ответ потерялся: чек принят, связь оборвалась",
    "expired": "Токен истёк",
    "invalid": "Чек не прошёл проверку (ошибка 32)",
    "twice": "Обратный вызов дважды",
    "early": "Обратный вызов раньше ответа",
    "duplicate": "Повтор отвергается кодом 33",
    "wait": "Чек ещё не готов",
    "nolink": "Чек без ссылки ОФД",
    "blocked": "Пользователь заблокирован",
}


def control_page() -> ControlPage:
    """The page with the register's own faults beside those that every provider has."""
    page = ControlPage("Касса Эвотор")
    for id, title in FAULTS.items():
        page.fault(id, title)
    return page
