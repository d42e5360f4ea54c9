"""Templates compiled for speed give what Jinja itself gives, byte for byte."""

from decimal import Decimal

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError, pass_context
from markupsafe import Markup

from prikus.ui import escaping
from prikus.ui.compiling import Generator, ShortContext

CELL = "{% macro cell(x, y=2) %}<td {{ kwargs }}>{{ x }}{{ y }}</td>{% endmacro %}"
BOX = "{% macro box(t) %}<b>{{ t }}{{ caller(1) }}</b>{% endmacro %}"
SHOWN = {
    "text": "{{ value }} {{ 'a' ~ value }} {{ value | upper }}",
    "attribute": '<a title="{{ value }}">{{ value if value else "–" }}</a>',
    "macro": CELL + "{{ cell(value) }}{{ cell(value, y=3, z=4) }}",
    "call": BOX + "{% call(n) box(value) %}{{ n }}{{ value }}{% endcall %}",
    "loop": "{% for one in [value, value] %}{{ loop.index }}{{ seen(one) }}{{ plain(one) }}{{ one }}{% endfor %}",
    "set": "{% set part %}<i>{{ value }}</i>{% endset %}{{ part }}{{ plain(part) }}",
    "raw": "{% autoescape false %}{{ value }}{% endautoescape %}{{ value | safe }}",
    "inherited": '{% extends "base" %}{% block middle %}{{ super() }}{{ value }}{{ self.middle.name }}{% endblock %}',
    "base": "{% block middle %}<p>{{ value }}</p>{% endblock %}",
}
VALUES = [
    "<script>alert('\"&\"')</script>",
    Markup("<b>жирно</b>"),
    "",
    7,
    None,
    True,
    Decimal("1.50"),
    ["<", Markup("<")],
]


class Quick(Environment):
    code_generator_class = Generator
    context_class = ShortContext


@pass_context
def seen(context, one: object) -> str:
    return f"<{context['value'] == one}>"


def environment(kind: type[Environment]) -> Environment:
    made = kind(loader=DictLoader(SHOWN), autoescape=True, undefined=StrictUndefined)
    made.globals.update(seen=seen, plain=lambda one: one)
    return made


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("name", sorted(SHOWN))
def test_the_same_html_as_from_jinja(name: str, value: object) -> None:
    ours, theirs = (environment(kind).get_template(name).render(value=value) for kind in (Quick, Environment))
    assert ours == theirs


def test_a_name_that_nobody_gave_is_refused() -> None:
    with pytest.raises(UndefinedError):
        environment(Quick).get_template("text").render()


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_shown_is_what_markupsafe_says(value: object) -> None:
    assert escaping.shown(value) == Markup.escape(value)


def test_finished_html_stays_as_it_is() -> None:
    made = escaping.html("<b>&amp;</b>")
    assert isinstance(made, Markup)
    assert escaping.shown(made) == "<b>&amp;</b>"
