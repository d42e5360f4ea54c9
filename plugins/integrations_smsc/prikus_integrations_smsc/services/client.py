"""Requests to smsc.ru. Failures come with HTTP 200 too; the answer says so."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from prikus.toolkit import Context, HttpAnswer, OpenConnection, OutsideFailed, outgoing_client
from prikus_integrations_smsc.schemas import Refusal
from prikus_integrations_smsc.settings import Settings

BASE = "https://smsc.ru/sys"
PLAIN = re.compile(rb"\s*ERROR\s*=\s*(\d+)")
"""An error as the service writes it when it has not read in which form we want it."""
T = TypeVar("T")


async def ask(
    ctx: Context, connection: OpenConnection[Settings], script: str, into: type[T], **params: object
) -> T | Refusal:
    """What the service answers. Raises `OutsideFailed` while it does not; after a success that cannot be read it may
    have acted."""
    said = {**_key(connection.settings), "charset": "utf-8", "fmt": "3", **{k: str(v) for k, v in params.items()}}
    async with outgoing_client(ctx, connection) as http:
        answer = await http.post(f"{BASE}/{script}.php", data=said)
    if not answer.is_success:
        sentence = f"SMS-Центр ответил кодом {answer.status}. Повторим сами."
        raise OutsideFailed(sentence, code=answer.status, is_unknown=answer.status >= 500)
    return _read(answer, into)


def _key(settings: Settings) -> dict[str, str]:
    password = settings.password.reveal()
    return {"login": settings.login, "psw": password} if settings.login else {"apikey": password}


def _read(answer: HttpAnswer, into: type[T]) -> T | Refusal:
    if (plain := PLAIN.match(answer.body)) is not None:
        return Refusal("error", int(plain[1]))
    found: Any = answer.json(Any)
    if isinstance(found, dict) and "error" in found:
        return answer.json(Refusal)
    return answer.json(into)
