"""How tests and people let the fake misbehave: `POST /_control/faults/<name>?times=1`."""

from __future__ import annotations

from typing import Any

from litestar import Response, post

FAULTS = {
    "down": "Касса недоступна",
    "paper": "Нет бумаги",
    "queue": "Чек простоял в очереди 300 секунд",
    "lost": "Ответ потерялся: чек принят, связь оборвалась",
    "expired": "Токен истёк",
    "twice": "Обратный вызов дважды",
    "early": "Обратный вызов раньше ответа",
    "duplicate": "Повтор отвергается кодом 33",
    "wait": "Чек ещё не готов",
    "nolink": "Чек без ссылки ОФД",
    "limit": "Слишком часто (429)",
    "html": "502 страницей HTML",
    "blocked": "Пользователь заблокирован",
}


class Faults:
    """How many more times each happens."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def takes(self, fault: str) -> bool:
        """Whether it happens now; counts it."""
        if not self._left.get(fault):
            return False
        self._left[fault] -= 1
        return True

    def all_of(self, fault: str) -> int:
        """All times that are left, taken at once."""
        return self._left.pop(fault, 0)

    def route(self) -> Any:
        @post("/_control/faults/{fault:str}", status_code=200)
        async def misbehave(fault: str, times: int = 1) -> Response[Any]:
            if fault not in FAULTS:
                return Response(f"Нет сбоя «{fault}».", status_code=404, media_type="text/plain")
            self._left[fault] = times
            return Response(f"{FAULTS[fault]}: {times}.", media_type="text/plain")

        return misbehave
