"""Russian counts in three forms; without a catalogue a template knows two, and says «5 чека»."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prikus.ui.catalogues import Catalogues

ROOT = Path(__file__).parents[3]
CALL = re.compile(r'ngettext\(\s*"([^"]+)",\s*"([^"]+)"')
PAGES = {
    (page.relative_to(ROOT).as_posix(), *words): page
    for page in sorted((ROOT / "plugins").glob("*/prikus_*/templates/**/*.html"))
    for words in CALL.findall(page.read_text())
}


def said(template: Path, one: str, many: str, number: int) -> str:
    package = next(parent for parent in template.parents if parent.name.startswith("prikus_"))
    domain = package.name.removeprefix("prikus_")
    words = Catalogues([(domain, package / "locale")]).domain(domain).ngettext(one, many, number)
    return words % {"num": number}


@pytest.mark.parametrize("use", PAGES, ids=lambda use: use[0])
def test_what_a_template_counts_has_three_forms(use: tuple[str, str, str]) -> None:
    _, one, many = use
    forms = {said(PAGES[use], one, many, number).removeprefix(f"{number} ") for number in (1, 2, 5)}
    assert len(forms) == 3


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (
            "fiscal/receipts",
            ["1 чек требует", "2 чека требуют", "5 чеков требуют", "11 чеков требуют", "21 чек требует"],
        ),
        ("telephony/calls", ["1 звонок ждёт", "2 звонка ждут", "5 звонков ждут", "11 звонков ждут", "21 звонок ждёт"]),
    ],
)
def test_what_needs_a_person_is_counted_in_good_russian(where: str, words: list[str]) -> None:
    [(template, one, many)] = [(path, *use[1:]) for use, path in PAGES.items() if use[0].endswith(f"{where}.html")]
    for expected in words:
        assert said(template, one, many, int(expected.split()[0])).startswith(f"{expected} ")
