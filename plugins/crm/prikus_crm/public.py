"""What sources of requests use of the CRM."""

from __future__ import annotations

from prikus.toolkit import Context
from prikus_crm.events import RequestCreated, RequestMoved
from prikus_crm.schemas import Lead, LeadSource
from prikus_crm.services import hearing

__all__ = ["Lead", "LeadSource", "RequestCreated", "RequestMoved", "hear_lead"]


async def hear_lead(ctx: Context, source: LeadSource, lead: Lead) -> int:
    """Take a lead in, for webhooks of sites, chats and catalogues. Returns the number of the request.

    Once for each `lead.external_id` of a source, whenever and however often it is said. The patient is found by the
    phone; people at the CRM see the request at once (CRM-01).
    """
    return await hearing.hear(ctx, source, lead)
