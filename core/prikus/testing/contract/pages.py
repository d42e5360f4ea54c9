"""The part of the contract about pages: hostile data, and a cost that does not grow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from html.parser import HTMLParser

import msgspec

from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.base import Contract
from prikus.testing.contract.isolation import new_marker
from prikus.testing.following import until_told

HOSTILE = "<script>alert('Ы')</script>"
ESCAPED = "&lt;script&gt;"


class _Values(HTMLParser):
    """Values that buttons send along and that are no JSON, as their browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "hx-vals" and not _is_json(value or ""):
                self.broken.append(f"<{tag} hx-vals={value}>")


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError:
        return False
    return True


def broken_values(page: str) -> list[str]:
    """Elements of a page whose press would send nothing: their `hx-vals` end at an inner quote."""
    parser = _Values()
    parser.feed(page)
    return parser.broken


class PageContract(Contract):
    """Pages escape what people typed, buttons send what they say; lists cost the same with one row and with thirty."""

    async def test_pages_escape_hostile_data_and_buttons_are_whole(self, clinic: TestClinic) -> None:
        asking = [one for one in await self.samples(clinic, HOSTILE) if one.method == "GET" or one.shows]
        director = await clinic.client_as("director")
        pages = []
        for sample in asking:
            answer = await sample.sent(director)
            assert answer.status_code < 500, f"{sample}: {answer.status_code}"
            if "text/html" in answer.headers.get("content-type", ""):
                assert HOSTILE not in answer.text, sample
                assert not broken_values(answer.text), sample
                pages.append(answer.text)
        assert any(ESCAPED in page for page in pages) or not any(sample.is_to_show for sample in asking)

    async def test_lists_cost_the_same_with_one_and_thirty_rows(
        self, clinic: TestClinic, count_statements: Callable[[], AbstractContextManager[list[str]]]
    ) -> None:
        asked: list[dict[str, tuple[int, int]]] = []
        samples = await self.samples(clinic, new_marker()) if any("{" in path for path in self.lists) else []
        values = {name: value for sample in samples for name, value in sample.at.items()}
        paths = [path.format_map(values) for path in self.lists]
        director = (await clinic.client_as("director")).htmx
        for numbers in (range(1), range(1, 30)):
            for number in numbers if self.lists else ():
                await self.add_row(clinic, number)
            await clinic.drain()
            if any(path.startswith("/api/") for path in paths):
                await until_told(clinic.house.runtime)
            asked.append({path: await self._asked(director, path, count_statements) for path in paths})
        one, thirty = asked
        alike = [path for path in paths if one[path][1] == thirty[path][1]]
        assert not alike, f"as long as before, so without the rows of `add_row`: {alike}"
        assert {path: cost for path, (cost, _) in one.items()} == {path: cost for path, (cost, _) in thirty.items()}

    async def _asked(
        self, client: Client, path: str, counting: Callable[[], AbstractContextManager[list[str]]]
    ) -> tuple[int, int]:
        """The statements and the length of the second answer."""
        assert (await client.get(path)).is_success, path
        with counting() as statements:
            answer = await client.get(path)
        return len(statements), len(answer.text)
