"""A veto that is broken refuses; the money that would have moved is where it was (contract 4)."""

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from prikus.toolkit import Conflict
from prikus_billing.schemas.money import Proposal
from prikus_billing.services.invoices import propose
from tests.plugins.billing.conftest import Desk, furnish


@pytest.fixture
async def desk(ctx_as) -> Desk:
    return await furnish(ctx_as)


@pytest.mark.parametrize("way", ["raise", "hang", "query", "swallow", "commit"])
async def test_a_broken_veto_refuses_the_invoice(desk: Desk, moods, way: str) -> None:
    moods["billing_may_invoice"] = way
    sentence = "можно ли выставить счёт: модуль «Вредный» не отвечает"
    with capture_logs() as said, pytest.raises(Conflict, match=sentence):
        await desk.invoice()
    assert [(one["plugin"], one["hook"]) for one in said] == [("hostile", "billing_may_invoice")]
    assert await desk.ledger() == []
    assert await desk.rows("select 1 from billing.invoice") == []
    moods.clear()
    assert (await desk.invoice()).number == "1"


async def test_a_broken_proposal_is_only_missing(desk: Desk, ctx_as, moods) -> None:
    moods["propose_doctor"] = "raise"
    async with ctx_as("administrator") as ctx:
        assert await propose(ctx, desk.patient_id) == Proposal()
        assert await ctx.db.scalar(text("select 1")) == 1
