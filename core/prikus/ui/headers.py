"""Security headers of every answer (reliability 41). The application installs `security_headers` as `before_send`."""

from __future__ import annotations

import secrets

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from prikus.ui.assets import PREFIX

NONCE = "nonce"
SANDBOX = "default-src 'none'; sandbox"
"""The policy of a file of somebody's: it runs nothing, loads nothing, and is nobody's origin (reliability 35)."""


def nonce_of(scope: Scope) -> str:
    """The request's nonce for scripts; made at first use."""
    state = scope.setdefault("state", {})
    if NONCE not in state:
        state[NONCE] = secrets.token_urlsafe(16)
    return state[NONCE]


async def security_headers(message: Message, scope: Scope) -> None:
    """Adds the headers to whatever leaves: pages, API, refusals of the gate, errors, static files."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers["X-Content-Type-Options"] = "nosniff"
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if scope["path"].startswith(PREFIX):
        return
    if headers.get("Content-Security-Policy") != SANDBOX:
        headers["Content-Security-Policy"] = content_security_policy(scope.get("state", {}).get(NONCE))
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    vary = headers.get("Vary")
    headers["Vary"] = f"{vary}, HX-Request" if vary else "HX-Request"


def content_security_policy(nonce: str | None) -> str:
    """Scripts only with the nonce; without one (no page was rendered) none at all."""
    scripts = f"'nonce-{nonce}'" if nonce else "'none'"
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data:",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
