"""Registers as they come, move between branches, stop and go on."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from prikus.toolkit import Branch
from prikus_fiscal.public import KnownRegister, know_register
from tests.plugins.fiscal.conftest import Front


async def new_branch(front: Front) -> int:
    async with front.clinic.ctx_as("system") as ctx:
        branch = Branch(name="На Садовой", legal_entity_id=ctx.branch.legal_entity_id)
        ctx.db.add(branch)
        await ctx.db.flush()
        await ctx.db.execute(text("select core.bump_state()"))
    return branch.id


@pytest.mark.spec("INT-05", part="several registers")
async def test_a_register_that_moves_to_a_branch_without_one_is_active_there(front: Front) -> None:
    branch = await new_branch(front)
    assert (await front.till.connect(branch_id=str(branch))).status_code == 204
    assert await front.of_registers("branch_id, is_active") == [(branch, True)]


async def test_a_register_that_moves_to_a_branch_with_an_active_one_is_its_spare(front: Front) -> None:
    branch = await new_branch(front)
    [(home,)] = await front.of_registers("branch_id")
    other = front.till.another()
    assert (await other.connect(title="Касса на Садовой", branch_id=str(branch))).status_code == 204
    assert await front.of_registers("branch_id, is_active") == [(home, True), (branch, True)]
    moved = await front.till.connect(branch_id=str(branch))
    assert moved.status_code == 204, moved.text
    assert await front.of_registers("branch_id, is_active") == [(branch, False), (branch, True)]
    assert (await front.till.connect(branch_id=str(home))).status_code == 204
    assert await front.of_registers("branch_id, is_active") == [(home, True), (branch, True)]


async def test_what_waited_goes_though_the_connection_works_a_moment_later(front: Front) -> None:
    """The provider's plugin tells its register before «API Интеграции» notes that the attempt succeeded."""
    number = int(front.till.card.rpartition("/")[2])
    turn = text("update core.connection set state = :state where id = :id")
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(turn, {"state": "off", "id": number})
    await front.pay(cash="9100")
    await front.clinic.drain()
    assert await front.states() == ["queued"]
    async with front.clinic.ctx_as("plugin:integrations_evotor") as ctx:
        about = {"kind": "evotor", "name": "Касса у входа", "branch_id": None, "taxation": "usn_income"}
        await know_register(ctx, KnownRegister(connection_id=number, **about))
    await front.clinic.drain()
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(turn, {"state": "on", "id": number})
    await front.clinic.drain_all()
    assert await front.states() != ["queued"]
