"""What a plugin says of itself (contract 1)."""

from __future__ import annotations

import re
import sys
from typing import Literal

import msgspec

from prikus.host.rules import Finding, Report, line_with, refuse

API = "1"
ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

# First path segments and names that belong to the core: no plugin may be called so.
RESERVED = frozenset(
    (
        *(
            "core",
            "patients",
            "staff",
            "settings",
            "trash",
            "references",
            "clinics",
            "connections",
            "developers",
            "access",
            "operator",
            "events",
        ),
        *("ui", "files", "printing", "notifications", "public", "testing", "gallery", "search", "account", "session"),
        *("live", "static", "health", "api", "webhooks", "schema", "link", "sign-in", "sign-out"),
    )
)


class Use(msgspec.Struct, frozen=True):
    """One use of personal data: which fields, why, sent where, kept how long (N-01, N-02).

    `host` is where requests may go; `*.service.ru` stands for all hosts below the domain `service.ru`.
    """

    fields: str
    purpose: str
    host: str | None = None
    country: str | None = None
    term: str | None = None

    def reaches(self, host: str) -> bool:
        """Whether requests may go to this host."""
        named = self.host or ""
        if not named.startswith("*."):
            return bool(named) and host == named
        domain = named[1:]
        is_one_service = domain.count(".") > 1
        return is_one_service and host.endswith(domain) and host != domain


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


def check_manifest(plugin: Plugin, entry_point: str, package: str, report: Report = refuse) -> None:
    """What the manifest says of itself. `package` is the module that the entry point names."""
    file = f"{package.replace('.', '/')}/__init__.py"

    def found(rule: str, field: str, sentence: str) -> None:
        report(Finding(entry_point, rule, sentence, file, line_with(_source_of(package), f"{field}=")))

    if not ID.fullmatch(plugin.id):
        found("P003", "id", f"id «{plugin.id}» не годится в имена адресов и схем.")
    if plugin.id in RESERVED:
        found("P004", "id", f"id «{plugin.id}» занят ядром.")
    if plugin.id != entry_point:
        found("P005", "id", f"id «{plugin.id}» и имя точки входа «{entry_point}» различаются.")
    if package != plugin.package:
        found("P006", "id", f"пакет «{package}» должен называться «{plugin.package}».")
    if plugin.api != API:
        found("P007", "api", f'версия контракта api="{plugin.api}" неизвестна, эта система понимает "{API}".')
    if overlap := sorted(set(plugin.requires) & set(plugin.enhances)):
        found("P008", "enhances", f"«{', '.join(overlap)}» стоит и в requires, и в enhances.")


def _source_of(package: str) -> str | None:
    return getattr(sys.modules.get(package), "__file__", None)
