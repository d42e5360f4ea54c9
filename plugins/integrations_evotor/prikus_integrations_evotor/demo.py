"""The demo clinic's registers: the fake ones, where they are running."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import Branch, Demo, furnish_connection
from prikus_fiscal.public import furnish_registers
from prikus_integrations_evotor.hooks import connection_kinds
from prikus_integrations_evotor.settings import DIGITAL, FFD_12, YES

HOST = "fiscalization.evotor.ru"
INN = "7700000000"
"""What the fake registers know."""
TAXATION = "usn_income"


async def load(demo: Demo) -> None:
    """A register for each branch, with the receipts of the last days."""
    if "integrations_evotor" not in demo.clinic.effective:
        return
    [kind] = connection_kinds()
    made = {}
    branches = await demo.db.execute(select(Branch.id, Branch.name, Branch.address).order_by(Branch.id))
    for branch in branches:
        name = f"{demo.clinic.id}_{branch.id}"
        settings = {
            "way": DIGITAL,
            "login": f"kassa-{name}",
            "group": f"group-{name}",
            "inn": INN,
            "taxation": TAXATION,
            "email": "kassa@clinic.example",
            "place": branch.address or branch.name,
            "ffd": FFD_12,
            "vat": "none",
            "corrections": YES,
        }
        made[branch.id] = await furnish_connection(
            demo,
            kind,
            HOST,
            {"password": f"pass-{name}"},
            settings=settings,
            title=f"Касса · {branch.name}",
            branch_id=branch.id,
        )
    await furnish_registers(demo, made, kind.id, TAXATION)
