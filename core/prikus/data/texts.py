"""Texts of strangers on their way into the database."""

from __future__ import annotations


def storable(text: str | None) -> str:
    """What PostgreSQL can store of a stranger's text, without spaces around it: no zero signs, no halves of characters.

    Empty for None.
    """
    return (text or "").replace("\0", "").encode(errors="replace").decode().strip()
