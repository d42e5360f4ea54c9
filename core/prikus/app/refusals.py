"""Answers of closed doors and failed handlers: the gate's 404 with its explanation, 401, problems, faults."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm.exc import StaleDataError

from prikus.access.visits import Visit
from prikus.app.unreadable import fields_of, is_elsewhere
from prikus.errors import Conflict, Denied, NotFound, Problem, SignInNeeded, Suspended
from prikus.host.system import System
from prikus.settings.services.explaining import explain
from prikus.ui.problems import API, problem_response, refusal

log = structlog.get_logger("prikus.app")
# Serialization, deadlock, lock and statement timeouts; the server is starting, stopping, out of reach, out of
# connections or of room for locks.
RETRYABLE = ("40001", "40P01", "55P03", "57", "08", "53200", "53300")
READ_ONLY = "25006"
READ_ONLY_SENTENCE = "Подписка закончилась: данные можно смотреть и печатать, но не менять. Продлите подписку."
UNREADABLE = "Запрос не удалось прочитать: проверьте отправленные данные."
# asyncpg's words about a number that no key of ours can be.
TOO_LARGE = "value out of int64 range"
TOO_MANY = "value out of int32 range"
"""The same of a number that is no key, such as a quantity."""
UNSTORABLE = ("22021", "22P05")
"""A sign that PostgreSQL's texts cannot hold (a zero)."""
REFERS_TO_NOTHING = "23503"
WRITTEN = "insert or update on table"
"""PostgreSQL's words where a row refers to what is gone, such as a merged card; else what goes is referred to."""
GONE = (
    "То, о чём эта запись, коллега только что удалил или объединил с другой карточкой. Обновите страницу и повторите."
)
STALE = "Пока вы редактировали, коллега уже изменил эту запись. Обновите страницу и внесите изменения снова."


class Refusals:
    """Refuses in the name of the gate. Knows the system, so that a closed door can say why it is closed."""

    def __init__(self, system: System, support: str = "") -> None:
        self._system = system
        self._support = support

    def __call__(self, scope: Scope, visit: Any, owners: tuple[str, ...]) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            request: Request = Request(scope, receive=receive, send=send)
            response = self._closed(request, visit, owners)
            await response.to_asgi_response(app=None, request=request)(scope, receive, send)

        return answer

    def _closed(self, request: Request, visit: Visit | None, owners: tuple[str, ...]) -> Response[Any]:
        if visit is None:
            return problem_response(
                request, SignInNeeded("Сеанс завершён: войдите снова, введённое в форму не сохранено.")
            )
        why = explain(self._system, visit, owners, self._support)
        is_off = visit.clinic.mode != "suspended" and not visit.is_effective(owners)
        return problem_response(request, NotFound(why.sentence) if is_off else Denied(why.sentence), explanation=why)

    def suspended(self, request: Request[Any, Any, Any], problem: Suspended) -> Response[Any]:
        """Doors of the core without a gate, such as the first page, in a suspended clinic."""
        return self._closed(request, request.scope["state"]["visit"], ("core",))

    def unknown(self, request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        """404 and 405 are found in routing, before any gate: a module that is off answers as the gate would."""
        visit = request.scope["state"].get("visit")
        owner = self._owner(request.scope["path"], visit)
        if visit is not None and owner is not None and not visit.is_effective((owner,)):
            return self._closed(request, visit, (owner,))
        sentence = "Так обратиться к этому адресу нельзя." if error.status_code == 405 else NotFound().sentence
        return refusal(request, error.status_code, sentence)

    def _owner(self, path: str, visit: Visit | None) -> str | None:
        """The module that an address names: an installed one, or one that the plan promises. In a suspended clinic
        every address is the core's."""
        parts = path.strip("/").split("/")
        first = parts[2] if parts[:2] == ["api", "v1"] and len(parts) > 2 else parts[0]
        if first in self._system.plugins or (visit is not None and first in visit.clinic.entitled):
            return first
        return "core" if visit is not None and visit.clinic.mode == "suspended" else None


def on_problem(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    return problem_response(request, problem)


def on_invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[Any]:
    """A path or query that does not fit its types is not there; a body that does not fit is refused as one.

    Programs are told the names of what does not fit, in the query and the headers too.
    """
    if request.url.path.startswith(API) and not is_elsewhere(error):
        return refusal(request, 422, UNREADABLE, fields=fields_of(error))
    sources = [part.get("source") for part in error.extra or () if isinstance(part, dict)]
    if request.method in ("GET", "HEAD") or "body" not in sources:
        return refusal(request, 404, NotFound().sentence)
    return refusal(request, 422, UNREADABLE)


def on_client_fault(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What Litestar itself refuses: a body that is no JSON, one that is too large."""
    return refusal(request, error.status_code, UNREADABLE)


def on_stale(request: Request[Any, Any, Any], error: StaleDataError) -> Response[Any]:
    return problem_response(request, Conflict(STALE))


def on_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Anything unforeseen. What another try may cure is 503, which the page repeats once with the same key."""
    reference = request.scope["state"].get("request_id")
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    if code == READ_ONLY:
        return problem_response(request, Denied(READ_ONLY_SENTENCE))
    if code == REFERS_TO_NOTHING and WRITTEN in str(getattr(error, "orig", "")):
        log.warning("refers to nothing", exc_info=error, request=reference)
        return problem_response(request, Conflict(GONE))
    if isinstance(error, DBAPIError) and TOO_LARGE in str(error.orig):
        return refusal(request, 404, NotFound().sentence)
    if code in UNSTORABLE or (isinstance(error, DBAPIError) and TOO_MANY in str(error.orig)):
        return refusal(request, 422, UNREADABLE)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    away = isinstance(error, ConnectionError | TimeoutError | NoConnectionLeft)
    if (code or "").startswith(RETRYABLE) or lost or away:
        log.warning("retryable", error=type(error).__name__, sqlstate=code, request=reference)
        response = refusal(request, 503, "Сервер занят. Повторите через несколько секунд: введённое не потеряно.")
        response.headers["Retry-After"] = "2"
        return response
    log.error("fault", exc_info=error, request=reference)
    return refusal(
        request, 500, "Мы уже знаем об ошибке. Введённое не сохранено, попробуйте ещё раз.", reference=reference
    )


def handlers(refusals: Refusals) -> dict[Any, Any]:
    return {
        Problem: on_problem,
        Suspended: refusals.suspended,
        NotFoundException: refusals.unknown,
        MethodNotAllowedException: refusals.unknown,
        ValidationException: on_invalid,
        HTTPException: on_client_fault,
        StaleDataError: on_stale,
        Exception: on_fault,
    }
