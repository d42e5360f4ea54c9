"""The clinic's own key: Tilda sends it as a header, a cookie or a field, whichever was chosen there."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie

from prikus.toolkit import Arrived
from prikus_integrations_tilda.services.reading import pairs_of


def is_known(arrived: Arrived, settings: Mapping[str, str]) -> bool:
    """Whether the key is there, when the clinic has one. A key without a name can be sent by nobody."""
    key, name = settings.get("key") or "", (settings.get("key_name") or "").strip().casefold()
    if not key:
        return True
    given = [hmac.compare_digest(value.encode(), key.encode()) for value in _given(arrived, name)]
    return bool(name) and any(given)


def _given(arrived: Arrived, name: str) -> Iterator[str]:
    if name in arrived.headers:
        yield arrived.headers[name]
    try:
        cookies = SimpleCookie(arrived.headers.get("cookie", ""))
    except CookieError:
        cookies = SimpleCookie()
    yield from (cookie.value for field, cookie in cookies.items() if field.casefold() == name)
    yield from (value for field, value in pairs_of(arrived) if field.casefold() == name)
