"""`/schema/openapi.json`: what programs may ask (API-01). Who is known gets only what is on for the clinic.

Litestar describes the handlers; what every operation shares (tags, refusals, the key) is added here once for each.
"""

from __future__ import annotations

import copy
from http import HTTPStatus
from typing import Any

from litestar import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from prikus.access.visits import Visit
from prikus.host.system import System
from prikus.staff.services.rights import SECTIONS, section_title

PREFIX = "/api/v1/"
REFUSALS = {
    400: "Запрос не удалось прочитать.",
    401: "Нет ключа или он больше не работает.",
    403: "Не хватает права, или клиника открыта только для просмотра.",
    404: "Не найдено, или модуль выключен.",
    405: "Так к этому адресу обратиться нельзя.",
    409: "Состояние вещей этого сейчас не позволяет: занято, изменено коллегой. С Retry-After – этот же запрос ещё "
    "выполняется: повторите с тем же Idempotency-Key.",
    413: "Тело запроса слишком велико.",
    422: "Поля не подходят: что не так, сказано рядом с каждым.",
    429: "Ключ делает слишком много запросов: подождите Retry-After секунд.",
    503: "Сервер занят: повторите через Retry-After секунд с тем же Idempotency-Key.",
}
WAITS = (409, 429, 503)
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Отказ: предложение для человека и предложения у полей.",
    "required": ["sentence", "fields"],
    "properties": {
        "sentence": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "row_version": {"type": "integer", "description": "Версия, которая записана сейчас (409)."},
        "reason": {"type": "string", "description": "Почему дверь закрыта, словом для программ."},
        "href": {"type": ["string", "null"], "description": "Где это открывают."},
    },
}
DESCRIPTION = (
    "Всё, что можно сделать на экране, можно сделать и здесь, теми же правами. Ключ выпускает руководитель: "
    "«Настройки системы» → «Ключи API»."
)


class ClinicRenderPlugin(JsonRenderPlugin):
    """The whole document for strangers; for a key or a session only modules that are on for its clinic."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self._system = system
        self._whole: dict[str, Any] | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._whole is None:
            self._whole = whole(openapi_schema, self._system)
        visit: Visit | None = request.scope["state"].get("visit")
        return super().render(request, self._whole if visit is None else part_of(self._whole, visit, self._system))


def described(system: System) -> OpenAPIConfig:
    """The document of one application."""
    return OpenAPIConfig(
        title="Prikus",
        version="1",
        description=DESCRIPTION,
        path="/schema",
        use_handler_docstrings=True,
        render_plugins=[ClinicRenderPlugin(system)],
    )


def whole(found: dict[str, Any], system: System) -> dict[str, Any]:
    """Litestar's document with what all operations share."""
    document = copy.deepcopy(found)
    document["paths"] = {path: item for path, item in document["paths"].items() if path.startswith(PREFIX)}
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "Ключ API."}}
    document["security"] = [{"key": []}]
    areas = (*SECTIONS, *system.plugins)
    document["tags"] = [{"name": area, "description": section_title(system, area)} for area in areas]
    taken: set[str] = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            _share(path, method, operation, taken)
    return document


def area_of(path: str) -> str:
    """The core's area or the plugin that an address belongs to."""
    return path.removeprefix(PREFIX).split("/", 1)[0]


def _share(path: str, method: str, operation: dict[str, Any], taken: set[str]) -> None:
    area = area_of(path)
    operation["tags"] = [area]
    operation["summary"] = operation.get("description", "").partition(".")[0]
    words = [word for word in path.removeprefix(PREFIX).split("/") if word and not word.startswith("{")]
    name = "_".join([method, *words, *(["one"] if path.rstrip("/").endswith("}") else [])])
    operation["operationId"] = name if name not in taken else f"{name}_{len(taken)}"
    taken.add(operation["operationId"])
    answers = {code: one for code, one in operation["responses"].items() if code.startswith("2")}
    for one in answers.values():
        one["description"] = "Сделано." if method != "get" else "Найдено."
    operation["responses"] = answers | {str(code): _refusal(code, words) for code, words in REFUSALS.items()}


def _refusal(code: int, words: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": f"{HTTPStatus(code).phrase}. {words}",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if code in WAITS:
        seconds = {"schema": {"type": "integer"}, "description": "Сколько секунд подождать."}
        answer["headers"] = {"Retry-After": seconds}
    return answer


def part_of(document: dict[str, Any], visit: Visit, system: System) -> dict[str, Any]:
    """Operations of areas that are on for the clinic; a module that is off is nowhere to be seen."""

    def is_on(area: str) -> bool:
        return visit.is_effective((area if area in system.plugins else "core",))

    paths = {path: item for path, item in document["paths"].items() if is_on(area_of(path))}
    tags = [tag for tag in document["tags"] if is_on(tag["name"])]
    return {**document, "paths": paths, "tags": tags}
