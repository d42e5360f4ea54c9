"""Switching plugins on and off for a clinic, in one function (SET-08, contract 3)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from prikus.access.context import Context
from prikus.access.groups import grant_new_rights
from prikus.clinics.models import ClinicPlugin
from prikus.clinics.state import Switch, read_state
from prikus.errors import Conflict, NotFound
from prikus.events.outbox import write_job
from prikus.host.declarations import Nothing
from prikus.host.manifest import Plugin


class ModuleCard(msgspec.Struct, frozen=True):
    """A plugin as the clinic sees it in «Модули»."""

    plugin: Plugin
    is_entitled: bool
    is_enabled: bool
    is_effective: bool
    requires: tuple[Plugin, ...]
    enhances: tuple[Plugin, ...]
    dependants: tuple[Plugin, ...]
    switched: Switch | None

    @property
    def also_off(self) -> tuple[Plugin, ...]:
        return self.dependants if self.is_effective else ()

    def fits(self, q: str, show: str) -> bool:
        """Whether the card is shown: `show` is "on", "out" (of the plan) or anything else for all."""
        if (show == "on" and not self.is_effective) or (show == "out" and self.is_entitled):
            return False
        return q.strip().lower() in f"{self.plugin.title} {self.plugin.summary}".lower()


class Dependant(msgspec.Struct, frozen=True):
    """A plugin that goes off too, and the titles of what it needs and loses."""

    plugin: Plugin
    needs: tuple[str, ...]


class Consequences(msgspec.Struct, frozen=True):
    """What the question before switching off names. `poorer` work on with less."""

    plugin: Plugin
    dependants: tuple[Dependant, ...]
    poorer: tuple[Plugin, ...]


def consequences(ctx: Context, plugin_id: str) -> Consequences:
    """What switching a plugin off does to the others."""
    module = card(ctx, plugin_id)
    gone = {plugin_id: module.plugin, **{p.id: p for p in module.also_off}}
    dependants = tuple(
        Dependant(p, tuple(gone[need].title for need in p.requires if need in gone)) for p in module.also_off
    )
    poorer = tuple(
        p
        for p in ctx.system.plugins.values()
        if p.id in ctx.clinic.effective and p.id not in gone and gone.keys() & set(p.enhances)
    )
    return Consequences(module.plugin, dependants, poorer)


def cards(ctx: Context) -> list[ModuleCard]:
    """Every installed plugin with its state for this clinic."""
    system, clinic = ctx.system, ctx.clinic
    return [
        ModuleCard(
            plugin=plugin,
            is_entitled=plugin.id in clinic.entitled,
            is_enabled=plugin.id in clinic.switches and clinic.switches[plugin.id].is_enabled,
            is_effective=plugin.id in clinic.effective,
            requires=tuple(system.plugins[p] for p in plugin.requires),
            enhances=tuple(system.plugins[p] for p in plugin.enhances if p in system.plugins),
            switched=clinic.switches.get(plugin.id),
            dependants=tuple(p for p in system.dependants(plugin.id) if p.id in clinic.effective),
        )
        for plugin in system.plugins.values()
    ]


def card(ctx: Context, plugin_id: str) -> ModuleCard:
    found = next((c for c in cards(ctx) if c.plugin.id == plugin_id), None)
    if found is None:
        raise NotFound("Такого модуля нет в системе.")
    return found


async def switch(ctx: Context, plugin_id: str, on: bool, *, confirmed: Iterable[str] = ()) -> list[Plugin]:
    """Turn a plugin on or off; dependants go off with it. Returns what was switched.

    `confirmed` must name exactly the dependants that will go off too: the person has seen them. Raises `Conflict`
    when the plan does not include the plugin, a requirement is off, or the list is not the one shown.
    """
    ctx.require("settings.module.switch")
    module = card(ctx, plugin_id)
    if on:
        _may_turn_on(ctx, module)
        targets = [module.plugin]
    else:
        if {p.id for p in module.also_off} != set(confirmed):
            raise Conflict("Состав зависимых модулей изменился. Откройте окно ещё раз.")
        targets = [*reversed(module.also_off), module.plugin]
    for plugin in targets:
        await _turn(ctx, plugin, on, because=None if plugin is module.plugin else module.plugin.title)
    await follow(ctx)
    ctx.changed("core.modules")
    return targets


def _may_turn_on(ctx: Context, module: ModuleCard) -> None:
    title = module.plugin.title
    if not module.is_entitled:
        raise Conflict(f"«{title}» не входит в тариф «{ctx.clinic.plan_title}». Обновите тариф, чтобы включить модуль.")
    if missing := [p.title for p in module.requires if p.id not in ctx.clinic.effective]:
        raise Conflict(f"«{title}» работает вместе с «{'», «'.join(missing)}». Сначала включите его.")


async def _turn(ctx: Context, plugin: Plugin, on: bool, because: str | None) -> None:
    row = insert(ClinicPlugin).values(plugin_id=plugin.id, is_enabled=on, switched_by=ctx.actor.name, reason=because)
    await ctx.db.execute(
        row.on_conflict_do_update(
            index_elements=["clinic_id", "plugin_id"],
            set_={name: row.excluded[name] for name in ("is_enabled", "switched_by", "reason")},
        )
    )
    word = "включён" if on else "выключен"
    tail = f" вместе с «{because}»" if because else ""
    await ctx.audit("module.switched", "plugin", None, f"Модуль «{plugin.title}» {word}{tail}", after={plugin.id: on})


async def follow(ctx: Context) -> None:
    """Bring everything that depends on plan, term and switches after them: rights, lifecycle jobs, parked work.

    `ctx.clinic` is the state before the change. What was done already is not done again.
    """
    before = ctx.clinic
    await ctx.db.execute(text("select core.bump_state()"))
    after = await read_state(ctx.db, ctx.system)
    await grant_new_rights(ctx.db, ctx.system, after.effective)
    for plugin_id in sorted(after.effective - before.effective):
        await run_lifecycle(ctx, plugin_id, "on_enable")
    for plugin_id in sorted(before.effective - after.effective):
        await run_lifecycle(ctx, plugin_id, "on_disable")
    resumed = [kind for kind, owners in ctx.system.owners_of_kind.items() if after.works_for(owners)]
    await ctx.db.execute(text("select core.unpark(:kinds)"), {"kinds": resumed})
    ctx.wake()


async def run_lifecycle(ctx: Context, plugin_id: str, name: str) -> None:
    """Ask for the plugin's `on_enable` or `on_disable` job, where it has one."""
    job = ctx.system.jobs.get(f"{plugin_id}.{name}")
    if job is not None:
        await write_job(ctx.db, job, Nothing(), None)
