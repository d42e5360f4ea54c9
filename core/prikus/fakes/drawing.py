"""The page of a fake: no assets and no application, since it stands for somebody else's server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from prikus.fakes.control import ControlPage, Line

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.4rem; margin: 0 0 .25rem } h2 { font-size: 1.05rem; margin: 2rem 0 .75rem }
.note { color: color-mix(in srgb, currentColor 60%, transparent) }
.cards { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)) }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; border-radius: .6rem; padding: .75rem;
  border: 1px solid color-mix(in srgb, currentColor 18%, transparent) }
label { display: grid; gap: .15rem; font-size: .8rem; flex: 1 1 11rem }
input, select { font: inherit; padding: 0 .5rem; height: 2.2rem; min-width: 0; box-sizing: border-box }
input[type=number] { width: 5rem }
.play { margin-bottom: .75rem } .play div { display: flex; flex-wrap: wrap; gap: .5rem; flex: 1 1 100% }
button { font: inherit; padding: .4rem .8rem; border-radius: .4rem; border: 0; background: #2563eb; color: #fff }
.play button { background: color-mix(in srgb, currentColor 8%, transparent); color: inherit }
.play button:hover { background: color-mix(in srgb, currentColor 18%, transparent) }
.fault strong { flex: 1 1 100%; font-weight: 500 } .fault.on { border-color: #dc2626 }
.fault button { background: #475569 } button { cursor: pointer }
table { border-collapse: collapse; width: 100%; font-size: .85rem }
td { padding: .3rem .5rem; border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent) }
td { white-space: nowrap } td:nth-child(3) { overflow-wrap: anywhere; white-space: normal; width: 100% }
@media (max-width: 32rem) { td { white-space: normal } }
"""
WAYS = {"in": "← запрос", "out": "→ отправлено", "act": "кнопка", "did": "сделано"}


def draw(control: ControlPage, place: str) -> str:
    """The whole page; `place` is its address."""
    lines = Markup("").join(_line(line) for line in control.lines)
    return Markup(
        '<!doctype html><html lang="ru"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>{title}</title><style>{style}</style><h1>{title}</h1>"
        '<p class="note">Поддельный сервис для проверки и обучения. Настоящему провайдеру ничего не отправляется.</p>'
        "<h2>Что происходит</h2>{scenarios}"
        "{faults}"
        "<h2>Журнал</h2><table>{lines}</table></html>"
    ).format(
        title=control.title,
        style=Markup(STYLE),
        scenarios=Markup("").join(_scenarios(control, place)),
        faults=_faults(control, place) if control.is_asked else "",
        lines=lines or Markup('<tr><td class="note">Пока ничего не происходило.</td></tr>'),
    )


def _scenarios(control: ControlPage, place: str) -> Iterator[Markup]:
    """A form for each set of fields, with all buttons that need these."""
    fields = [scenario.fields for scenario in control.scenarios.values()]
    for wanted in (one for n, one in enumerate(fields) if one not in fields[:n]):
        inputs = Markup("").join(_input(control, name, first) for name, first in wanted.items())
        buttons = Markup("").join(
            Markup('<button formaction="{}/scenarios/{}">{}</button>').format(place, id, one.title)
            for id, one in control.scenarios.items()
            if one.fields == wanted
        )
        yield Markup('<form method="post" class="play">{}<div>{}</div></form>').format(inputs, buttons)


def _input(control: ControlPage, name: str, first: str) -> Markup:
    label, value = control.labels.get(name, name), control.typed.get(name, first)
    if name != "account":
        return Markup('<label>{}<input name="{}" value="{}"></label>').format(label, name, value)
    known = control.accounts() or {"": "Никто ещё не подключился"}
    options = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(id, Markup(" selected" * (id == value)), title)
        for id, title in known.items()
    )
    return Markup('<label>{}<select name="account">{}</select></label>').format(label, options)


def _faults(control: ControlPage, place: str) -> Markup:
    cards = (_fault(place, id, title, control.left(id)) for id, title in control.faults.items())
    return Markup('<h2>Сбои</h2><div class="cards">{}</div>').format(Markup("").join(cards))


def _fault(place: str, id: str, title: str, left: int) -> Markup:
    form = Markup(
        '<form method="post" action="{}/faults/{}" class="fault{}"><strong>{}</strong>'
        '<input type="number" name="times" min="0" max="999" value="{}" aria-label="Сколько раз">'
        "<button>{}</button></form>"
    )
    told = f"{title} – осталось {left}" if left else title
    return form.format(place, id, " on" if left else "", told, left or 1, "Изменить" if left else "Включить")


def _line(line: Line) -> Markup:
    status = "" if line.status is None else line.status or "нет ответа"
    return Markup("<tr><td>{:%H:%M:%S}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
        line.at.astimezone(), WAYS[line.way], line.text, status
    )
