"""Translations. Source strings are Russian; a domain is `core` or a plugin's id; `.po` files are compiled at load."""

from __future__ import annotations

from collections.abc import Iterable
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


class Catalogues:
    """One catalogue for each domain, for one language."""

    def __init__(self, files: Iterable[tuple[str, Path]], locale: str = "ru") -> None:
        """`files` are pairs of domain and folder `locale/`; a folder without this language is passed over."""
        self._domains: dict[str, NullTranslations] = {}
        for domain, folder in files:
            path = folder / locale / "LC_MESSAGES" / f"{domain}.po"
            if path.is_file():
                self._domains[domain] = compile_catalogue(path, locale)
        self._empty = NullTranslations()

    def domain(self, name: str) -> NullTranslations:
        """The catalogue of a domain; an empty one where nothing is translated."""
        return self._domains.get(name, self._empty)


def compile_catalogue(path: Path, locale: str) -> GNUTranslations:
    """Reads a `.po` file; a broken one raises with its path and line."""
    with path.open("rb") as source:
        catalogue = read_po(source, locale=locale, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
