"""What Tilda posts: names of fields are the site author's, only the service ones are fixed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_to_bytes, urlencode

import msgspec

from prikus.toolkit import Arrived
from prikus_integrations_tilda.schemas import Pairs, Submission

MOST_FIELDS = 200
PROBE: Pairs = (("test", "test"),)
ALIASES = {
    "name": ("name", "имя", "fio", "фио", "ваше имя", "fullname", "full name"),
    "phone": ("phone", "телефон", "tel", "telephone", "номер телефона", "ваш телефон"),
    "email": ("email", "e-mail", "mail", "почта", "эл. почта", "электронная почта"),
}
MEMBER = {"ma_name": "name", "ma_phone": "phone", "ma_email": "email"}
"""What the members' area knows of a person, for when the form does not ask."""
SERVICE = ("tranid", "formid", "formname", "pageid", "projectid", "cookies", "referer", "ip", *MEMBER)
NUMBERED = re.compile(r"_\d+$")
UTM_COOKIE = "tildautm"
MOST_UNQUOTED = 3


def pairs_of(arrived: Arrived) -> Pairs:
    """The fields in their order, repeated ones too. What cannot be read has none."""
    if "json" in arrived.headers.get("content-type", "") or arrived.body.lstrip().startswith(b"{"):
        return _of_json(arrived.body)
    return tuple((_text(name), _text(value)) for name, _, value in _parts(arrived.body) if name or value)


def _parts(body: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    return (part.partition(b"=") for part in body.split(b"&"))


def count_fields(arrived: Arrived) -> int:
    return len(pairs_of(arrived))


def submission(pairs: Pairs) -> Submission:
    """The form. The first field of each meaning counts, the rest are words."""
    known = {"name": "", "phone": "", "email": ""}
    service: dict[str, str] = {}
    hidden: dict[str, str] = {}
    words: dict[str, list[str]] = {}
    for name, value in pairs:
        plain = name.casefold()
        meaning = _meaning(plain)
        if plain in SERVICE:
            service.setdefault(plain, value)
        elif plain.startswith("utm_"):
            hidden.setdefault(plain, value)
        elif meaning and not known[meaning]:
            known[meaning] = value
        elif value:
            words.setdefault(name, []).append(value)
    for name, meaning in MEMBER.items():
        known[meaning] = known[meaning] or service.get(name, "")
    return Submission(
        **known,
        tranid=service.get("tranid", ""),
        words="\n".join(f"{name}: {', '.join(values)}" for name, values in words.items()),
        place=service.get("formname") or service.get("formid", ""),
        page=service.get("referer", ""),
        utm=_utm(service.get("cookies", "")) | {name: value for name, value in hidden.items() if value},
    )


def without(arrived: Arrived, key_name: str) -> Arrived:
    """The request without the clinic's key, wherever it stands."""
    plain = key_name.casefold()
    headers = {name: value for name, value in arrived.headers.items() if name not in (plain, "cookie")}
    if arrived.body.lstrip().startswith(b"{"):
        body = urlencode([pair for pair in pairs_of(arrived) if pair[0].casefold() != plain]).encode()
        headers["content-type"] = "application/x-www-form-urlencoded"
    else:
        body = b"&".join(b"".join(part) for part in _parts(arrived.body) if _text(part[0]).casefold() != plain)
    return msgspec.structs.replace(arrived, headers=headers, body=body)


def _meaning(plain: str) -> str | None:
    bare = NUMBERED.sub("", plain)
    return next((meaning for meaning, names in ALIASES.items() if bare in names), None)


def _of_json(body: bytes) -> Pairs:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    if not isinstance(found, dict):
        return ()
    return tuple(
        (str(name).strip(), text) for name, value in found.items() for text in _texts(value) if str(name).strip()
    )


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    if value is None:
        return [""]
    return [value.strip() if isinstance(value, str) else msgspec.json.encode(value).decode()]


def _text(raw: bytes) -> str:
    """A name or value of a form. Old sites speak cp1251."""
    plain = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        return plain.decode().strip()
    except UnicodeDecodeError:
        return plain.decode("cp1251", errors="replace").strip()


def _utm(cookies: str) -> dict[str, str]:
    """The marks of advertising that Tilda keeps in a cookie, encoded once or more often."""
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if unquote(name).casefold() == UTM_COOKIE:
            for _ in range(MOST_UNQUOTED):
                value = value if "=" in value else unquote(value)
            marks = (mark.partition("=") for mark in value.split("|||"))
            return {name.strip().casefold(): text.strip() for name, _, text in marks if name.strip() and text.strip()}
    return {}
