"""What other plugins may import from the price list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from prikus_catalog.models import Service, ServiceCategory
from prikus_catalog.schemas import Offer
from prikus_catalog.services import find_services, price_of

__all__ = ["Offer", "find_services", "price_of", "services_v1"]


def services_v1() -> Select[*tuple[Any, ...]]:
    """Services as facts, version 1; deleted ones are there too, with `deleted_at`.

    Columns: `clinic_id`, `service_id`, `code`, `name`, `price` (of now), `duration` (minutes), `per_tooth`, `tax_code`
    (1, 2), `vat_rate`, `xray_type`, `dose_usv` (microsieverts), `is_active`, `deleted_at`, `category_id`,
    `category_name`.
    """
    return select(
        Service.clinic_id,
        Service.id.label("service_id"),
        Service.code,
        Service.name,
        Service.price,
        Service.duration,
        Service.per_tooth,
        Service.tax_code,
        Service.vat_rate,
        Service.xray_type,
        Service.dose_usv,
        Service.is_active,
        Service.deleted_at,
        Service.category_id,
        ServiceCategory.name.label("category_name"),
    ).join(
        ServiceCategory,
        (ServiceCategory.clinic_id == Service.clinic_id) & (ServiceCategory.id == Service.category_id),
    )
