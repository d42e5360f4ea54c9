"""`prikus plugin new`: a distribution with everything that a plugin of its kind needs, and tests that are green."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from prikus.errors import Conflict, Invalid
from prikus.host.manifest import ID, RESERVED

FILES = Path(__file__).parent / "scaffold"
SUFFIX = ".tmpl"
LAYERS = {
    "module": ("common", "module"),
    "webhook": ("common", "provider", "webhook"),
    "telephony": ("common", "provider", "asked", "telephony"),
    "register": ("common", "provider", "asked", "register"),
    "messages": ("common", "provider", "asked", "messages"),
    "booking": ("common", "provider", "asked", "booking"),
    "imaging": ("common", "provider", "asked", "imaging"),
}
"""Folders of each kind; a later one writes over an earlier one."""
REQUIRED = {
    "telephony": ("telephony",),
    "register": ("fiscal",),
    "messages": ("messaging",),
    "booking": ("online_booking",),
    "imaging": ("imaging",),
}
KINDS = tuple(LAYERS)
IMPORTS = re.compile(r"(?:^from prikus_[\w.]+ import [^\n(]+\n){2,}", re.MULTILINE)
SHORTEST, LONGEST_ID, LONGEST_TITLE = 2, 30, 40


def dashed(id: str) -> str:
    """An id as distributions and hosts write it."""
    return id.replace("_", "-")


class NewPlugin(msgspec.Struct, frozen=True):
    """What the author says of a new plugin. `title` is Russian, as people will read it in the menu."""

    kind: str
    id: str
    title: str

    @property
    def distribution(self) -> str:
        return f"prikus-{self.dashed}"

    @property
    def dashed(self) -> str:
        return dashed(self.id)

    def filled(self, text: str) -> str:
        words = {
            "__distribution__": self.distribution,
            "__dashed__": self.dashed,
            "__host__": self.dashed,
            "__id__": self.id,
            "__title__": self.title,
            "__needed__": "".join(f', "prikus-{dashed(id)}"' for id in REQUIRED.get(self.kind, ())),
        }
        for place, word in words.items():
            text = text.replace(place, word)
        return text


def write_plugin(new: NewPlugin, into: Path) -> Path:
    """Write the distribution into a new folder below `into`; its path. Raises `Invalid`, `Conflict`."""
    _check(new)
    root = into / new.distribution
    if root.exists():
        raise Conflict(f"Папка {root} уже есть. Удалите её или выберите другой id.")
    for source in (FILES / layer for layer in LAYERS[new.kind]):
        for file in sorted(source.rglob(f"*{SUFFIX}")):
            target = root / _placed(new, file.relative_to(source))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_in_order(new.filled(file.read_text("utf-8"))), "utf-8")
    return root


def _in_order(text: str) -> str:
    """Imports of plugins by their names: where the new one stands among others depends on its id."""
    return IMPORTS.sub(lambda found: "".join(sorted(found[0].splitlines(keepends=True))), text)


def _placed(new: NewPlugin, path: Path) -> Path:
    """Where a file of the scaffold stands in the distribution: `package/` is the plugin's own."""
    parts = [f"prikus_{new.id}" if part == "package" else new.filled(part) for part in path.parts]
    return Path(*parts).with_name(parts[-1].removesuffix(SUFFIX))


def _check(new: NewPlugin) -> None:
    mistakes: dict[str, str] = {}
    if not ID.fullmatch(new.id) or not SHORTEST <= len(new.id) <= LONGEST_ID:
        mistakes["id"] = (
            f"id «{new.id}» не годится. Нужны строчные латинские буквы, цифры и подчёркивания, до 30 знаков."
        )
    elif new.id in RESERVED:
        mistakes["id"] = f"id «{new.id}» занят ядром. Выберите другой."
    if not new.title.strip() or len(new.title) > LONGEST_TITLE or set(new.title) & set("\"'\\{}<>%\n"):
        mistakes["title"] = "Назовите модуль без кавычек, скобок и знаков разметки, до 40 знаков."
    if mistakes:
        raise Invalid(mistakes, " ".join(mistakes.values()))
