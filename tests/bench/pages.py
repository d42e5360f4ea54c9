"""
Templates of the servers that we compare with, made of our own pages: all that repeats stays text, the values become
expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CHANGING = re.compile(r'\b(nonce|data-since)="[^"]*"')
ROWS = {
    "list": ('<tr>\n    <td><a class="ui-cell"', "</tr>"),
    "card": ('<li class="ui-timeline-item">', "</li>"),
    "prefix": ('<div class="ui-option" role', "</div>\n</div>"),
    "inside": ('<div class="ui-option" role', "</div>\n</div>"),
}


def steady(page: str) -> str:
    """The page without what differs between two answers."""
    return CHANGING.sub(r'\1=""', page)


def template_of(page: str, name: str, first: Mapping[str, str], head: Mapping[str, str]) -> str:
    """`first` are expressions by the text that stands for them in the first row, `head` by that outside the rows."""
    start, end = ROWS[name]
    page = steady(page)
    assert not re.search(r"\{\{|\{%|\{#", page), "the page looks like a template"
    begins = [place.start() for place in re.finditer(re.escape(start), page)]
    row = page[begins[0] : page.index(end, begins[0]) + len(end)]
    between = page[begins[0] + len(row) : begins[1]]
    last = page.index(end, begins[-1]) + len(end)
    loop = "{% for row in rows %}" + _filled(row, first) + "{% if not loop.last %}" + between
    return _filled(page[: begins[0]], head) + loop + "{% endif %}{% endfor %}" + _filled(page[last:], head)


def for_django(template: str) -> str:
    """The same template in Django's words: `{{ row.name | mark(q) }}` becomes `{{ row.name|mark:q }}`."""
    words = re.sub(r" \| (\w+)\((\w+)\)", r"|\1:\2", template)
    return re.sub(r"(\{\{ [^}]*?) \| (\w+ \}\})", r"\1|\2", words).replace("loop.last", "forloop.last")


def _filled(text: str, values: Mapping[str, str]) -> str:
    for written, expression in values.items():
        text = text.replace(written, expression)
    return text
