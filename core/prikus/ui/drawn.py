"""Shared parts that stand in every row of a table, drawn by Python: a macro's call costs more than its text.

Templates call them like the macros, `ui.badge(…)`; a `{% call %}` gives its body as `caller`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup

from prikus.ui.escaping import html, shown
from prikus.ui.filters import colour_of, initials, mark
from prikus.ui.markup import attrs

Icon = Callable[..., Markup]


class Drawn:
    """The parts, with the application's icons and the core's words."""

    def __init__(self, icon: Icon, word: Callable[[str], str]) -> None:
        self._icon = icon
        self._menu_title = shown(word("Действия"))
        self._dots = icon("dots-vertical")

    def parts(self) -> dict[str, Callable[..., Markup]]:
        """By the names that templates know."""
        names = (name for name in dir(type(self)) if not name.startswith("_") and name != "parts")
        return {name: getattr(self, name) for name in names}

    def badge(self, text: str, status: str = "plan", dot: bool = True, icon_name: str | None = None) -> Markup:
        """A state: colour and word. Status colours: plan conf wait now done miss canc san think."""
        sign = self._icon(icon_name) if icon_name else '<span class="ui-dot"></span>' if dot else ""
        return html(f'<span class="ui-badge ui-{shown(status)}">{sign}{shown(text)}</span>')

    def tag(self, text: str, icon_name: str | None = None) -> Markup:
        return html(f'<span class="ui-tag">{self._icon(icon_name) if icon_name else ""}{shown(text)}</span>')

    def counter(self, count: object, status: str = "accent") -> Markup:
        return html(f'<span class="ui-counter ui-{shown(status)}">{shown(count)}</span>')

    def avatar(self, name: str, person: object = None, size: int = 28) -> Markup:
        """Initials on a colour that stays with the person; sizes 22, 28, 32, 64."""
        return _avatar(initials(name), name if person is None else person, size)

    def timeline_day(self, text: str) -> Markup:
        return html(f'<li class="ui-timeline-day">{shown(text)}</li>\n')

    def timeline_item(
        self,
        icon_name: str,
        title: str,
        note: str | None = None,
        time: str | None = None,
        status: str = "plan",
        href: str | None = None,
    ) -> Markup:
        """One line of a feed: what happened, `note` below, `time` beside; `href` leads to it."""
        named = f'<a href="{shown(href)}">{shown(title)}</a>' if href else shown(title)
        under = f'<div class="ui-timeline-note">{shown(note)}</div>' if note else ""
        when = f"<time>{shown(time)}</time>" if time else ""
        return html(
            f'<li class="ui-timeline-item"><span class="ui-timeline-icon ui-{shown(status)}">{self._icon(icon_name)}'
            f'</span><div><div class="ui-timeline-title">{named}</div>{under}</div>{when}</li>\n'
        )

    def row_menu(
        self, label: str, use: str | None = None, caller: Callable[[], Markup] | None = None, **more: object
    ) -> Markup:
        """The three dots of a table row; `label` names the row for screen readers.

        Items come from the caller or from a `menu_pattern`, whose id is `use`.
        """
        named = shown(label)
        items = caller() if caller is not None and not use else ""
        return html(
            f'<p-menu data-align="end" {attrs({"data_use": use})} {attrs(more)}>\n'
            '  <button class="btn btn-icon btn-ghost btn-sm" type="button" aria-haspopup="menu" aria-expanded="false" '
            f'aria-label="{named}" title="{self._menu_title}">{self._dots}</button>\n'
            f'  <div class="ui-menu" role="menu" aria-label="{named}" popover>{items}</div>\n</p-menu>\n'
        )

    def option(
        self,
        value: object,
        text: str,
        note: str | None = None,
        person: object = None,
        query: str | None = None,
        href: str | None = None,
        badge: Markup | None = None,
        **more: object,
    ) -> Markup:
        """One line of a picker. `person` gives the avatar's colour; `href` is where the top search goes."""
        face = self.avatar(text, person) if person is not None else ""
        sign = f" {shown(badge)}" if badge else ""
        under = f'<div class="ui-option-note">{shown(note)}</div>' if note else ""
        return html(
            f'<div class="ui-option" role="option" aria-selected="false" data-value="{shown(value)}" '
            f'data-text="{shown(text)}" {attrs({"data_href": href})} {attrs(more)}>\n'
            f"  {face}\n  <div><div>{mark(text, query)}{sign}</div>{under}</div>\n</div>\n"
        )


@lru_cache(maxsize=8192)
def _avatar(letters: str, key: object, size: int) -> Markup:
    style = f"ui-avatar ui-avatar-{int(size)} ui-{colour_of(key)}"
    return html(f'<span class="{style}" aria-hidden="true">{shown(letters)}</span>')
