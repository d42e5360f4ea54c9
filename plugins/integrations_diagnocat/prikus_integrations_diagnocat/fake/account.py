"""What one account has at the fake service."""

from __future__ import annotations

import secrets
import time
from collections import deque
from typing import Any

import msgspec

from prikus_integrations_diagnocat.fake import body

TOKEN_SECONDS = 24 * 3600
SESSION_SECONDS = 300
"""A session that hears nothing for so long is dead."""
SITE = "https://app2.diagnocat.ru"


def new_uid() -> str:
    return secrets.token_hex(12)


class Session(msgspec.Struct):
    """An upload into a study. `urls` are signatures by key, each good for one file."""

    id: str
    study: str
    status: str = "started"
    error: Any = None
    closing: int = 1
    urls: dict[str, str] = {}
    heard_at: float = msgspec.field(default_factory=time.monotonic)

    @property
    def is_dead(self) -> bool:
        return self.status == "started" and time.monotonic() - self.heard_at > SESSION_SECONDS

    def look(self) -> str:
        """`closing` for a while, then what came of it."""
        if self.status == "closing":
            if self.closing > 0:
                self.closing -= 1
            else:
                self.status = "error" if self.error else "closed"
        return self.status


class Analysis(msgspec.Struct):
    """One that was begun, of a study. It is complete after `looks` more questions."""

    uid: str
    study: str
    patient: str
    fault: str = ""
    looks: int = 1
    found: dict[str, Any] = {}

    def said(self) -> dict[str, Any]:
        if self.fault != "never":
            self.looks -= 1
        is_complete = self.looks < 0
        errors = {"error": {"code": "bad_image", "message": "снимок слишком тёмный"}, "error_text": "снимок обрезан"}
        return {
            "uid": self.uid,
            "id_v3": f"v3-{self.uid}",
            "study_uid": self.study,
            "patient_uid": self.patient,
            "analysis_type": "GP",
            "status": "",
            "started": True,
            "complete": is_complete and self.fault not in errors,
            "error": errors.get(self.fault) if is_complete else None,
            "pdf_url": f"{SITE}/pdf/{self.uid}",
            "preview_url": None,
            "webpage_url": f"{SITE}/report/{self.uid}",
        }

    def diagnoses(self) -> dict[str, Any]:
        return {"diagnoses": []} if self.fault == "empty" else self.found


class Account:
    """Patients, studies, uploads and analyses of one login, and all bytes that came."""

    def __init__(self, login: str) -> None:
        self.login = login
        self.tokens: dict[str, float] = {}
        self.patients: dict[str, dict[str, Any]] = {}
        self.studies: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, Session] = {}
        self.analyses: dict[str, Analysis] = {}
        self.files: dict[str, list[str]] = {}
        """Names of files by study."""
        self.received: deque[bytes] = deque(maxlen=200)

    def log_in(self) -> str:
        token = f"token-{secrets.token_hex(16)}"
        self.tokens[token] = time.monotonic() + TOKEN_SECONDS
        return token

    def knows(self, token: str) -> bool:
        is_key = token == self.login.replace("clinic-", "key-", 1)
        return is_key or self.tokens.get(token, 0.0) > time.monotonic()

    def studies_of(self, patient: str) -> list[dict[str, Any]]:
        return [one for one in self.studies.values() if one["patient_uid"] == patient]

    def begin(self, study: str, fault: str, *, plural: bool) -> Analysis:
        """Whoever asks twice has two analyses, and pays for both."""
        patient = self.studies[study]["patient_uid"]
        one = Analysis(new_uid(), study, patient, fault, found=body.diagnoses(plural=plural))
        self.analyses[one.uid] = one
        return one
