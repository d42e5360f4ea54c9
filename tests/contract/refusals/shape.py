"""What a case is: one broken rule, and where. `# here` marks the line that must be named."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from prikus.host.rules import RULES
from tests.contract.refusals.workshop import GOOD, Draft

HOOKSPEC = """\
from prikus.toolkit import hookspec


@hookspec("describe")  # here
def cups_wanted() -> list[str]:
    \"\"\"Чашки.\"\"\"
    return []
"""


class Case(msgspec.Struct, frozen=True):
    """What is installed, and the one sentence with which the start ends. `file` is where the author must look."""

    rule: str
    sentence: str
    file: str | None
    draft: Draft
    others: tuple[Draft, ...] = ()
    has_line: bool = True

    @property
    def name(self) -> str:
        return self.draft.id

    @property
    def plugin(self) -> str:
        return self.draft.entry or self.draft.id

    @property
    def line(self) -> int | None:
        is_python = self.file is not None and self.has_line
        return self.draft.line(self.file) if is_python and self.file else None

    @property
    def said(self) -> str:
        return self.sentence.replace("ID", self.draft.id)

    @property
    def path(self) -> str | None:
        return f"{self.draft.folder}/{self.file}" if self.file else None

    @property
    def text(self) -> str:
        line = f":{self.line}" if self.line else ""
        place = f", {self.path}{line}" if self.file else ""
        return f"Плагин «{self.plugin}»{place}: {self.said} {RULES[self.rule].mend} [{self.rule}]"


def of_manifest(rule: str, id: str, sentence: str, more: str = "", **drafted: object) -> Case:
    """A plugin that is only a manifest; the field that is wrong stands on a line of its own."""
    others = drafted.pop("others", ())
    text = drafted.pop("text", None)
    files = {"__init__.py": text} if isinstance(text, str) else {}
    draft = Draft(id, files, more, bare=True, **drafted)  # type: ignore[arg-type]
    return Case(rule, sentence, "__init__.py", draft, others)  # type: ignore[arg-type]


def of_room(
    rule: str, id: str, sentence: str, file: str, text: str, *, more: str = "", files: Mapping[str, str] | None = None
) -> Case:
    """The good plugin with one file written anew, and sometimes with more files."""
    return Case(rule, sentence, file, Draft(id, {**(files or {}), file: text}, more), has_line="here" in text)


def good(file: str, *changes: tuple[str, str]) -> str:
    """The good plugin's file with words changed."""
    text = GOOD[file]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
