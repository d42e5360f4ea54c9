"""The upload: sessions, addresses with a signature that is good once, the file itself."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from litestar import Request, Response, get, post, put

from prikus.fakes import Dropped
from prikus_integrations_diagnocat.fake.account import Account, Session, new_uid
from prikus_integrations_diagnocat.fake.control import Service

UPLOADS = "https://upload.diagnocat.ru"
LARGEST = 210_000_000
Ask = Request[Any, Any, Any]


def upload_handlers(service: Service, base: str) -> list[Any]:
    """Everything under `/v1/upload`, and the place where files go."""
    return [*_sessions(service, f"{base}/v1/upload"), *_files(service, f"{base}/v1/upload")]


def _sessions(service: Service, place: str) -> list[Any]:
    @post(f"{place}/open-session", status_code=200)
    async def open_session(request: Ask) -> Response[Any]:
        account, said = service.mine(request), await service.heard(request)
        if (refusal := service.refusal(makes=True) or _not_ok(service)) is not None:
            return refusal
        if said.get("study_uid") not in account.studies:
            return refused({"code": "no_study", "message": "нет такого исследования"})
        one = Session(new_uid(), said["study_uid"])
        account.sessions[one.id] = one
        if service.control.takes("lost_session"):
            return Dropped()
        return Response({"ok": True, "session_id": one.id, "hostname": UPLOADS.partition("//")[2]})

    @post(f"{place}/progress-notify", status_code=200)
    async def notify(request: Ask) -> Response[Any]:
        one = _open(service.mine(request), await service.heard(request))
        if one is None:
            return refused("session is dead")
        one.heard_at = time.monotonic()
        return Response({"ok": True})

    @post(f"{place}/start-session-close", status_code=200)
    async def close(request: Ask) -> Response[Any]:
        one = _open(service.mine(request), await service.heard(request))
        if (refusal := service.refusal(makes=True) or _not_ok(service)) is not None:
            return refusal
        if service.control.takes("vanished_close"):
            return Dropped()
        if one is None:
            return refused("session is dead")
        one.status, one.closing = "closing", 1 + service.control.all_of("closing")
        one.error = "файл не похож на снимок зубов" if service.control.takes("unfit") else None
        is_lost = service.control.takes("lost") or service.control.takes("lost_close")
        return Dropped() if is_lost else Response({"ok": True})

    @get(f"{place}/session-info")
    async def info(request: Ask, session_id: str) -> Response[Any]:
        one = service.mine(request).sessions.get(session_id)
        if (refusal := service.refusal()) is not None:
            return refusal
        if one is None or one.is_dead:
            return refused("session is dead")
        return Response({"ok": True, "session_info": {"status": one.look(), "error": one.error}})

    return [open_session, notify, close, info]


def _files(service: Service, place: str) -> list[Any]:
    @post(f"{place}/request-upload-urls", status_code=200)
    async def give_urls(request: Ask) -> Response[Any]:
        said = await service.heard(request)
        one = _open(service.mine(request), said)
        if (refusal := service.refusal(makes=True) or _not_ok(service)) is not None:
            return refusal
        if one is None:
            return refused("session is dead")
        root = "https://storage.example" if service.control.takes("elsewhere") else UPLOADS
        given = []
        for key in said["keys"]:
            one.urls[key] = secrets.token_urlsafe(16)
            given.append({"key": key, "url": f"{root}/files/{one.id}/{key}?signature={one.urls[key]}"})
        return Response({"ok": True, "upload_urls": given})

    @put("/files/{session_id:str}/{key:str}", status_code=200, request_max_body_size=LARGEST)
    async def take(request: Ask, session_id: str, key: str, signature: str = "") -> Response[Any]:
        body = await request.body()
        if "authorization" in request.headers:
            return Response("<Error>Only one auth mechanism allowed</Error>", status_code=400)
        length = request.headers.get("content-length")
        if length is None:
            return Response("<Error>MissingContentLength</Error>", status_code=411)
        account, one = _session(service, session_id)
        is_good = one is not None and one.urls.pop(key, "") == signature != ""
        if account is None or one is None or not is_good or service.control.takes("expired"):
            return Response("<Error>Request has expired</Error>", status_code=403)
        if service.control.takes("slow_file"):
            await asyncio.Event().wait()
        if len(body) != int(length):
            return Response("<Error>IncompleteBody</Error>", status_code=400)
        account.received += [str(request.url).encode(), body]
        names = account.files.setdefault(one.study, [])
        if key not in names:
            names.append(key)
        return Dropped() if service.control.takes("lost_file") else Response(None)

    return [give_urls, take]


def _session(service: Service, id: str) -> tuple[Account, Session] | tuple[None, None]:
    for account in service.accounts.values():
        if id in account.sessions:
            return account, account.sessions[id]
    return None, None


def _open(account: Account, said: dict[str, Any]) -> Session | None:
    """The session that a body names, while it can be used."""
    one = account.sessions.get(str(said.get("session_id")))
    return None if one is None or one.is_dead or one.status != "started" else one


def _not_ok(service: Service) -> Response[Any] | None:
    return refused("слишком много загрузок") if service.control.takes("ok") else None


def refused(error: Any) -> Response[Any]:
    """As the upload refuses: with HTTP 200."""
    return Response({"ok": False, "error": error}, status_code=200)
