"""The Jinja environment over the templates of all packages, and the macros that every template finds as `ui`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    nodes,
    pass_context,
)
from jinja2.runtime import Context as TemplateContext
from jinja2.visitor import NodeTransformer
from jinja2_fragments import render_block
from markupsafe import Markup

from prikus.errors import Misconfigured
from prikus.ui.assets import Assets
from prikus.ui.catalogues import Catalogues
from prikus.ui.compiling import Generator, ShortContext
from prikus.ui.drawn import Drawn
from prikus.ui.filters import FILTERS
from prikus.ui.markup import MARKUP_FILTERS, MARKUP_GLOBALS, current_item

CORE = Path(__file__).parent.parent
_PARTS = "ui/parts/"
FRAMES_AT_MOST = 500
UNKNOWN_ICON = "puzzle"
"""Drawn where a plugin names an icon that the sprite lacks: `{{ icon(item.icon | known_icon) }}`."""


class _Foreseen(NodeTransformer):
    """Words and signs that are always the same become text of the template when it is compiled."""

    def __init__(self, **known: Callable[..., str]) -> None:
        self._known = known

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        is_fixed = all(isinstance(given, nodes.Const) for given in node.args) and node.args
        if not isinstance(node.node, nodes.Name) or not is_fixed or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        known = self._known.get(node.node.name)
        return nodes.Const(known(*(given.value for given in node.args)), lineno=node.lineno) if known else node  # type: ignore[attr-defined]


class _Environment(Environment):
    code_generator_class = Generator
    context_class = ShortContext
    foresee: Callable[[str | None], NodeTransformer] | None = None

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found = super()._parse(source, name, filename)
        return self.foresee(name).visit(found) if self.foresee else found


class Renderer:
    """Renders pages and blocks. One per application, kept as `app.state.renderer`."""

    def __init__(
        self,
        assets: Assets,
        plugins: Mapping[str, Path] = MappingProxyType({}),
        *,
        core: Path = CORE,
        reload: bool = False,
    ) -> None:
        """`plugins` maps an id to the folder of its package; `reload` looks for changed templates at every use.

        Raises Misconfigured when a plugin's id is an area of the core.
        """
        self.assets = assets
        self._reload = reload
        core_areas = {path.parent.parent.name for path in core.glob("*/templates/*")}
        if claimed := core_areas & plugins.keys():
            raise Misconfigured(f"Имя модуля занято ядром: {', '.join(sorted(claimed))}.")
        self._domains = {owner: owner for owner in plugins}
        self._catalogues = Catalogues(
            [("core", core / "ui" / "locale"), *((owner, folder / "locale") for owner, folder in plugins.items())]
        )
        folders = {area: core / area / "templates" / area for area in core_areas}
        folders |= {owner: folder / "templates" / owner for owner, folder in plugins.items()}
        loaders: dict[str, BaseLoader] = {owner: FileSystemLoader(folder) for owner, folder in folders.items()}
        self.environment = self._environment(PrefixLoader(loaders))
        self._parts = self._find_parts()
        self._drawn_parts = Drawn(self.icon, self._catalogues.domain("core").gettext).parts()

    def _environment(self, loader: BaseLoader) -> Environment:
        environment = _Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=self._reload,
        )
        environment.filters.update(FILTERS | MARKUP_FILTERS)
        environment.globals.update(
            MARKUP_GLOBALS,
            asset=self.assets.url,
            icon=self.icon,
            import_map=Markup(self.assets.import_map()),
            new_key=lambda: str(uuid.uuid4()),
            frame=self._frame,
            _=self._gettext,
            ngettext=self._ngettext,
        )
        self._drawn: dict[tuple[str, str | None], Markup] = {}
        self._frames: dict[Hashable, dict[tuple[str, str | None], Markup]] = {}
        self._icons = frozenset(self.assets.text("ui/icons.txt").split())
        self._sprite = self.assets.url("ui/icons.svg")
        environment.foresee = self._foresee
        environment.filters["known_icon"] = lambda name: name if name in self._icons else UNKNOWN_ICON
        return environment

    @pass_context
    def _frame(self, context: TemplateContext, part: str) -> Markup:
        """A part of what stands around every page, drawn once for each person, session and place in the menu."""
        ctx = context["ctx"]
        menu = ctx.menu
        key = (ctx.frame_key, tuple(menu))
        if key not in self._frames and len(self._frames) >= FRAMES_AT_MOST:
            self._frames.clear()
        drawn = self._frames.setdefault(key, {})
        current = current_item(menu, context["here"].path)
        if (part, current) not in drawn:
            data = {"ctx": ctx, "csrf_token": context["csrf_token"], "menu": menu, "current": current}
            drawn[part, current] = Markup(self.page(f"ui/frame_{part}.html", data))
        return drawn[part, current]

    def icon(self, name: str, label: str | None = None) -> Markup:
        """An icon of the sprite, read aloud only when `label` names it. Unknown names raise LookupError."""
        drawn = self._drawn.get((name, label))
        if drawn is None:
            drawn = self._draw(name, label)
            if label is None:
                self._drawn[name, label] = drawn
        return drawn

    def _draw(self, name: str, label: str | None) -> Markup:
        if name not in self._icons:
            raise LookupError(f"icon {name!r} is not in core/frontend/icons.txt")
        spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, self._sprite, name)

    def _foresee(self, template: str | None) -> NodeTransformer:
        return _Foreseen(
            _=self._catalogues.domain(self._domain(template)).gettext, icon=self.icon, asset=self.assets.url
        )

    @pass_context
    def _gettext(self, context: TemplateContext, message: str, **values: object) -> str:
        return _fill(self._catalogues.domain(self._domain(context.name)).gettext(message), values)

    @pass_context
    def _ngettext(self, context: TemplateContext, one: str, many: str, n: int, **values: object) -> str:
        text = self._catalogues.domain(self._domain(context.name)).ngettext(one, many, n)
        return _fill(text, {"num": n, **values})

    def _domain(self, template: str | None) -> str:
        owner = (template or "").partition("/")[0]
        return self._domains.get(owner, "core")

    def _find_parts(self) -> dict[str, str]:
        parts: dict[str, str] = {}
        for name in self.environment.list_templates():
            if name.startswith(_PARTS):
                for macro in vars(self.environment.get_template(name).make_module({"ui": None})):
                    if not macro.startswith("_"):
                        parts[macro] = name
        return parts

    def page(self, name: str, data: Mapping[str, Any]) -> str:
        """The whole template."""
        return self.environment.get_template(name).render(self._with_parts(data))

    def block(self, name: str, block: str, data: Mapping[str, Any]) -> str:
        """One block of the template, alone: nothing outside the block runs."""
        return render_block(self.environment, name, block, self._with_parts(data))

    def _with_parts(self, data: Mapping[str, Any]) -> dict[str, Any]:
        values = dict(data)
        values["ui"] = Parts(self.environment, self._parts, self._drawn_parts, values)
        return values


class Parts:
    """What `Drawn` draws and the macros of `ui/parts/*.html`. A file is instantiated when its first macro is used."""

    def __init__(
        self, environment: Environment, index: Mapping[str, str], drawn: Mapping[str, Any], values: Mapping[str, Any]
    ) -> None:
        self.__dict__.update(drawn)
        self._environment = environment
        self._index = index
        self._values = values

    def __getattr__(self, macro: str) -> Any:
        try:
            template: Template = self._environment.get_template(self._index[macro])
        except KeyError:
            raise AttributeError(
                f"ui has no macro {macro!r}; it has: {', '.join(sorted(self.__dict__.keys() | self._index))}"
            ) from None
        for name, value in vars(template.make_module({**self._values, "ui": self})).items():
            if not name.startswith("_"):
                self.__dict__[name] = value
        return self.__dict__[macro]


def _fill(text: str, values: Mapping[str, object]) -> str:
    return text % values if values else text
