"""The database's login roles. The administrator makes them; the running system never is one (reliability 2)."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

ROLES = ("owner", "app", "relay", "operator", "maint", "lifecycle")
LIMITS = {
    "app": {"lock_timeout": "3s", "statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s"},
    "relay": {"lock_timeout": "3s", "statement_timeout": "15s"},
    "operator": {"lock_timeout": "3s", "statement_timeout": "15s"},
    "lifecycle": {"lock_timeout": "5s", "statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s"},
}


def role_name(database: str, role: str) -> str:
    return f"prikus_{database}_{role}"


class RoleUrls:
    """Addresses of the roles: `DATABASE_URL_<ROLE>` where given, else made from passwords in `roles.json`."""

    def __init__(self, admin_url: str, data_dir: Path, given: dict[str, str]) -> None:
        self.admin_url = make_url(admin_url)
        self.file = data_dir / "roles.json"
        self.given = given

    @property
    def database(self) -> str:
        assert self.admin_url.database
        return self.admin_url.database

    def passwords(self) -> dict[str, str]:
        """Known passwords by role name, made on first use and kept readable for the owner only."""
        known = self._known()
        return known if self._missing(known) == [] else self._made()

    def _known(self) -> dict[str, str]:
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def _missing(self, known: dict[str, str]) -> list[str]:
        return [name for role in ROLES if (name := role_name(self.database, role)) not in known]

    def _made(self) -> dict[str, str]:
        """One process after another: each writes the whole file, also what others have just made."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self._known()
            known |= {name: secrets.token_urlsafe(24) for name in self._missing(known)}
            draft = self.file.with_suffix(".new")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as out:
                json.dump(known, out, indent=1)
            draft.replace(self.file)
        return known

    def url(self, role: str) -> str:
        if role in self.given:
            return self.given[role]
        name = role_name(self.database, role)
        url = self.admin_url.set(username=name, password=self.passwords()[name])
        return url.render_as_string(hide_password=False)


async def ensure_roles(admin: asyncpg.Connection, urls: RoleUrls) -> None:
    """Create the login roles and the definer role; set passwords and limits. Idempotent."""
    passwords = urls.passwords()
    for role in ROLES:
        name = role_name(urls.database, role)
        bypass = "BYPASSRLS" if role == "maint" else "NOBYPASSRLS"
        await _ensure_role(admin, name, f"LOGIN {bypass} PASSWORD '{passwords[name]}'")
        for setting, value in LIMITS.get(role, {}).items():
            await admin.execute(f"ALTER ROLE \"{name}\" SET {setting} = '{value}'")
    await _ensure_role(admin, role_name(urls.database, "definer"), "NOLOGIN BYPASSRLS")
    owner = role_name(urls.database, "owner")
    await admin.execute(f'GRANT CREATE, CONNECT ON DATABASE "{urls.database}" TO "{owner}"')
    await admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


async def _ensure_role(admin: asyncpg.Connection, name: str, options: str) -> None:
    exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
    await admin.execute(f'{"ALTER" if exists else "CREATE"} ROLE "{name}" {options}')
