"""What a plugin says of itself (contract 1)."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from prikus.errors import Misconfigured

API = "1"
ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

# First path segments and names that belong to the core: no plugin may be called so.
RESERVED = frozenset(
    (
        *("core", "patients", "staff", "settings", "trash", "references", "clinics", "access", "operator", "events"),
        *("ui", "files", "printing", "notifications", "public", "testing", "gallery", "search", "account", "session"),
        *("live", "static", "health", "api", "webhooks", "schema", "link", "sign-in", "sign-out"),
    )
)


class Use(msgspec.Struct, frozen=True):
    """One use of personal data: which fields, why, sent where, kept how long (N-01, N-02)."""

    fields: str
    purpose: str
    host: str | None = None
    country: str | None = None
    term: str | None = None


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest. `id` is the name everywhere: URL, schema, rights, templates, locale, queue, log."""

    id: str
    title: str
    summary: str
    version: str
    api: str = API
    requires: tuple[str, ...] = ()
    enhances: tuple[str, ...] = ()
    category: Literal["module", "integration", "capability"] = "module"
    icon: str = "puzzle"
    acts: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()

    @property
    def package(self) -> str:
        return f"prikus_{self.id}"


class Permission(msgspec.Struct, frozen=True):
    """A right `plugin.object.action` with its Russian title and the shipped groups that get it first."""

    code: str
    title: str
    default_groups: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        return self.code.split(".", 1)[0]


def check_manifest(plugin: Plugin, entry_point: str, package: str) -> None:
    """Raise `Misconfigured` naming the plugin and the mend."""

    def refuse(sentence: str) -> None:
        raise Misconfigured(f"Плагин «{entry_point}»: {sentence}")

    if not ID.fullmatch(plugin.id):
        refuse(f"id «{plugin.id}» должен состоять из строчных латинских букв, цифр и подчёркиваний.")
    if plugin.id in RESERVED:
        refuse(f"id «{plugin.id}» занят ядром, выберите другой.")
    if plugin.id != entry_point:
        refuse(f"id «{plugin.id}» и имя точки входа «{entry_point}» должны совпадать.")
    if package != plugin.package:
        refuse(f"пакет «{package}» должен называться «{plugin.package}».")
    if plugin.api != API:
        refuse(f'версия контракта api="{plugin.api}" неизвестна, эта система понимает "{API}".')
    if overlap := set(plugin.requires) & set(plugin.enhances):
        refuse(f"«{', '.join(sorted(overlap))}» стоит и в requires, и в enhances: оставьте одно.")
