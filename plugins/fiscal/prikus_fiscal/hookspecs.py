"""What fiscal asks others."""

from __future__ import annotations

from prikus.toolkit import hookspec
from prikus_fiscal.schemas import RegisterProvider


@hookspec("describe", title="кассы")
def register_providers() -> list[RegisterProvider]:
    """Services that register receipts. Their connections become registers by `public.know_register`."""
    raise NotImplementedError
