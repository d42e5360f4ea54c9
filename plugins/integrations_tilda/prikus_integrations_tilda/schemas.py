from __future__ import annotations

import msgspec

Pairs = tuple[tuple[str, str], ...]


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A filled-in form: what we know of its fields, and all others as they were named."""

    tranid: str
    name: str
    phone: str
    email: str
    words: str
    place: str
    page: str
    utm: dict[str, str]
