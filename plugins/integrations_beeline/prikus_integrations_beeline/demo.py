"""The demo clinic's exchange: the fake one, where it is running."""

from __future__ import annotations

from prikus.toolkit import Demo, furnish_connection
from prikus_integrations_beeline.hooks import connection_kinds
from prikus_integrations_beeline.jobs import ConnectionRef, resubscribe
from prikus_telephony.public import take_over

HOST = "cloudpbx.beeline.ru"
TOKENS = "00000000-0000-4000-8000-{number:012d}"
"""What the fake exchange knows."""


async def load(demo: Demo) -> None:
    """A connection with the clinic's own token, the calls of the past, a telephone on the desk of everybody there."""
    [kind] = connection_kinds()
    token = TOKENS.format(number=demo.clinic.id)
    made = await furnish_connection(demo, kind, HOST, {"token": token})
    clerks = demo.made["administrators"] or [demo.made["head"]]
    await demo.enqueue(resubscribe, ConnectionRef(made))
    await take_over(demo, made, {str(101 + n): clerk for n, clerk in enumerate(clerks)})
