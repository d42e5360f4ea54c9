"""Refusals as people see them: a page for a navigation, JSON for htmx and the API, shown beside the fields."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response

from prikus.errors import Invalid, Problem, ProofNeeded, Stale, StillRunning
from prikus.ui.render import bare, is_htmx

SIGN_IN = "/sign-in"
API = "/api/"
PROOF = "X-Proof"
"""Says to the page what is to be proved before the request is repeated."""
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
    """Why a door is closed, and what opens it: `href` leads whoever may do that. `kind` is a word for programs."""

    kind: str
    title: str
    reason: str
    mend: str
    href: str | None = None

    @property
    def sentence(self) -> str:
        return f"{self.title}. {self.reason} {self.mend}"


def problem_response(
    request: Request[Any, Any, Any], problem: Problem, *, explanation: Explanation | None = None
) -> Response[Any]:
    """The answer to a refusal. 401 leads to the sign-in and back."""
    fields = problem.fields if isinstance(problem, Invalid | Stale) else {}
    version = problem.row_version if isinstance(problem, Stale) else None
    response = refusal(
        request, problem.status, problem.sentence, fields=fields, explanation=explanation, row_version=version
    )
    if isinstance(problem, ProofNeeded):
        response.headers[PROOF] = "password"
    if isinstance(problem, StillRunning):
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def refusal(
    request: Request[Any, Any, Any],
    status: int,
    sentence: str,
    *,
    fields: dict[str, str] | None = None,
    explanation: Explanation | None = None,
    reference: str | None = None,
    row_version: int | None = None,
) -> Response[Any]:
    """The same from a bare status; `reference` is the request id that support asks for after a 500."""
    if _is_script(request):
        return _for_script(request, status, sentence, fields or {}, explanation, row_version)
    if status == 401 and request.method == "GET":
        return Response(None, status_code=303, headers={"Location": sign_in_address(_path(request))})
    return bare(
        request,
        "ui/error.html",
        status=status,
        code=status,
        title=explanation.title if explanation else _TITLES.get(status, "Не получилось"),
        sentence=sentence,
        explanation=explanation,
        reference=reference,
        sign_in=sign_in_address(),
        csrf_token=request.scope["state"].get("csrf_token", ""),
    )


def _is_script(request: Request[Any, Any, Any]) -> bool:
    """Who reads JSON: htmx, a client of the API, a script that says so."""
    accepts = request.headers.get("accept", "")
    wants_json = "application/json" in accepts and "text/html" not in accepts
    is_program = request.url.path.startswith(API) or "authorization" in request.headers
    return is_htmx(request) or wants_json or is_program


def sign_in_address(back: str | None = None) -> str:
    """Address of the sign-in that returns to `back`."""
    return f"{SIGN_IN}?next={quote(back, safe='/')}" if back else SIGN_IN


def _for_script(
    request: Request[Any, Any, Any],
    status: int,
    sentence: str,
    fields: dict[str, str],
    explanation: Explanation | None,
    row_version: int | None,
) -> Response[Any]:
    headers = {}
    if status == 401:
        headers = {"HX-Redirect": sign_in_address(_current_path(request)), "WWW-Authenticate": "Bearer"}
    body: dict[str, Any] = {"sentence": sentence, "fields": fields}
    if row_version is not None:
        body["row_version"] = row_version
    if explanation is not None:
        body |= {"reason": explanation.kind, "href": explanation.href}
    return Response(body, status_code=status, media_type=MediaType.JSON, headers=headers)


def _path(request: Request[Any, Any, Any]) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _current_path(request: Request[Any, Any, Any]) -> str | None:
    address = request.headers.get("hx-current-url", "")
    _, _, rest = address.partition("://")
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else None
