"""Refusals as people see them: a page for a navigation, JSON for htmx and the API, shown beside the fields."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response

from prikus.errors import Invalid, Problem
from prikus.ui.render import bare, is_htmx

SIGN_IN = "/sign-in"
API = "/api/"
_TITLES = {
    401: "Сеанс завершён",
    403: "Нет доступа",
    404: "Страница не найдена",
    405: "Так сделать нельзя",
    409: "Данные уже изменились",
    422: "Проверьте данные",
    429: "Слишком много запросов",
    500: "Ошибка на нашей стороне",
    503: "Сейчас не получилось",
}


class Explanation(msgspec.Struct, frozen=True):
    """Why a page of a module is not there: what is off, by whom and when, who may switch it on."""

    module: str
    reason: str
    who_can: str
    href: str | None = None


def problem_response(
    request: Request[Any, Any, Any], problem: Problem, *, explanation: Explanation | None = None
) -> Response[Any]:
    """The answer to a refusal. 401 leads to the sign-in and back."""
    fields = problem.fields if isinstance(problem, Invalid) else {}
    return refusal(request, problem.status, problem.sentence, fields=fields, explanation=explanation)


def refusal(
    request: Request[Any, Any, Any],
    status: int,
    sentence: str,
    *,
    fields: dict[str, str] | None = None,
    explanation: Explanation | None = None,
    reference: str | None = None,
) -> Response[Any]:
    """The same from a bare status; `reference` is the request id that support asks for after a 500."""
    if is_htmx(request) or request.url.path.startswith(API):
        said = f"{explanation.reason} {explanation.who_can}" if explanation else sentence
        return _for_script(request, status, said, fields or {})
    if status == 401 and request.method == "GET":
        return Response(None, status_code=303, headers={"Location": sign_in_address(_path(request))})
    return bare(
        request,
        "ui/error.html",
        status=status,
        code=status,
        title=f"Модуль «{explanation.module}» выключен" if explanation else _TITLES.get(status, "Не получилось"),
        sentence=sentence,
        explanation=explanation,
        reference=reference,
        sign_in=sign_in_address(),
    )


def sign_in_address(back: str | None = None) -> str:
    """Address of the sign-in that returns to `back`."""
    return f"{SIGN_IN}?next={quote(back, safe='/')}" if back else SIGN_IN


def _for_script(request: Request[Any, Any, Any], status: int, sentence: str, fields: dict[str, str]) -> Response[Any]:
    headers = {"HX-Redirect": sign_in_address(_current_path(request))} if status == 401 else {}
    body = {"sentence": sentence, "fields": fields}
    return Response(body, status_code=status, media_type=MediaType.JSON, headers=headers)


def _path(request: Request[Any, Any, Any]) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _current_path(request: Request[Any, Any, Any]) -> str | None:
    address = request.headers.get("hx-current-url", "")
    _, _, rest = address.partition("://")
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else None
