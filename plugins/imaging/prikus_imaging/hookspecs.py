"""What imaging asks others."""

from __future__ import annotations

from prikus.toolkit import hookspec
from prikus_imaging.schemas import ImageProvider


@hookspec("describe", title="сервисы анализа снимков")
def image_providers() -> list[ImageProvider]:
    """Services that analyse images (DIAG-07, ROAD-40). Their findings stay suggestions until a doctor decides."""
    raise NotImplementedError
