"""The part of the contract about the gate: what is off is nowhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from prikus.settings.services.modules import switch
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Contract, Door
from prikus.testing.contract.isolation import new_marker

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DESCRIBED = ("menu_items", "patient_tabs", "card_actions", "card_boxes", "card_figures", "trash_sections")


class GateContract(Contract):
    """Everything of the plugin is closed, undescribed and parked while it is off."""

    async def test_every_door_is_closed_while_it_is_off(self, clinic: TestClinic, doors: list[Door]) -> None:
        samples = await self.samples(clinic, new_marker())
        await turn_off(clinic, self.plugin)
        director = await clinic.client_as("director")
        for path in {door.path for door in doors} | {f"/{self.plugin}/no/such/page", f"/api/v1/{self.plugin}/none"}:
            for method in METHODS:
                answer = await Door(method, path).request(samples).sent(director)
                assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
                if method == "GET":
                    assert "Выключен" in answer.text, path

    async def test_nothing_of_it_is_described_while_it_is_off(self, clinic: TestClinic) -> None:
        async with clinic.ctx_as("director") as ctx:
            before = described(ctx, self.plugin)
        await turn_off(clinic, self.plugin)
        async with clinic.ctx_as("director") as ctx:
            assert described(ctx, self.plugin) == []
        owners = [owner for hook in DESCRIBED for owner in clinic.house.system.hooks.owners_of(hook)]
        assert before or not any(self.plugin in each for each in owners)

    async def test_its_work_is_parked_while_it_is_off(self, clinic: TestClinic) -> None:
        await turn_off(clinic, self.plugin)
        await clinic.drain()
        system = clinic.house.system
        kinds = [kind for kind, owners in system.owners_of_kind.items() if owners[0] == self.plugin]
        async with clinic.ctx_as("system") as ctx:
            await ctx.db.execute(text("select core.enqueue(:kinds, 0, now())"), {"kinds": kinds})
        await clinic.house.performer.perform_due(clinic.id)
        async with clinic.house.runtime.relay.connect() as db:
            query = text("select kind, state from core.work where clinic_id = :id")
            states = dict(map(tuple, await db.execute(query, {"id": clinic.id})))
        assert states == dict.fromkeys(kinds, "parked")

    async def test_its_live_words_are_for_clinics_where_it_is_on(self, clinic: TestClinic) -> None:
        visits = clinic.house.app.state.visits
        key = await clinic.session("director")
        assert (await visits.find(key))[1].is_effective((self.plugin,))
        await turn_off(clinic, self.plugin)
        assert not (await visits.find(key))[1].is_effective((self.plugin,))


async def turn_off(clinic: TestClinic, plugin: str) -> None:
    """Switch the plugin off, with what depends on it."""
    async with clinic.ctx_as("director") as ctx:
        dependants = [p.id for p in ctx.system.dependants(plugin) if p.id in ctx.clinic.effective]
        await switch(ctx, plugin, False, confirmed=dependants)


def described(ctx: Any, plugin: str) -> list[str]:
    """Addresses and models of the plugin in everything that is described."""
    found = []
    for hook in DESCRIBED:
        for item in ctx.describe(hook):
            model = getattr(item, "model", None)
            mine = model.__table__.schema == plugin if model is not None else str(item.href).startswith(f"/{plugin}/")
            if mine:
                found.append(f"{hook}: {item}")
    return found
