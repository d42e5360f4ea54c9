from __future__ import annotations

from prikus.toolkit import Event


class RequestCreated(Event, frozen=True, kw_only=True):
    """Somebody turned to the clinic (CRM-01). `source` is the code of where it came from, None by hand."""

    name = "crm.request_created"
    request_id: int
    source: str | None
    patient_id: int | None


class RequestMoved(Event, frozen=True, kw_only=True):
    """A request got another status (CRM-08)."""

    name = "crm.request_moved"
    request_id: int
    old_status: str
    status: str
