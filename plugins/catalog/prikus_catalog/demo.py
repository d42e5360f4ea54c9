"""The price list of a demo clinic."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

from prikus.toolkit import Demo
from prikus_catalog.models import Service, ServiceCategory, ServicePrice
from prikus_catalog.price_list import PRICE_LIST, PricedService
from prikus_catalog.services import fold


class DemoService(msgspec.Struct, frozen=True):
    """A service as the demo of others needs it."""

    id: int
    code: str
    name: str
    price: Decimal
    per_tooth: bool
    category: str


def service_row(category_id: int, service: PricedService) -> dict[str, Any]:
    """A line of the shipped price list as a row of `Service`."""
    return {
        "category_id": category_id,
        "code": service.code,
        "name": service.name,
        "search_text": fold(f"{service.name} {service.code}"),
        "price": service.price,
        "duration": service.duration,
        "per_tooth": service.per_tooth,
        "tax_code": service.tax_code,
        "vat_rate": service.vat_rate,
        "xray_type": service.xray.type if service.xray else None,
        "dose_usv": service.xray.dose_usv if service.xray else None,
    }


async def load(demo: Demo) -> None:
    """Fill `made["services"]` with `DemoService`s, in the order of the price list."""
    rows = [{"name": category.name, "position": place} for place, category in enumerate(PRICE_LIST)]
    categories = await demo.add(ServiceCategory, rows)
    priced = [
        (id, category.name, service)
        for id, category in zip(categories, PRICE_LIST, strict=True)
        for service in category.services
    ]
    ids = await demo.add(Service, [service_row(id, service) for id, _, service in priced], "прайс-лист")
    since = dt.datetime.combine(demo.today - dt.timedelta(days=400), dt.time(), dt.UTC)
    await demo.add(
        ServicePrice,
        [
            {"service_id": id, "price": service.price, "valid_from": since}
            for id, (_, _, service) in zip(ids, priced, strict=True)
        ],
    )
    demo.made["services"] = [
        DemoService(id, service.code, service.name, service.price, service.per_tooth, category)
        for id, (_, category, service) in zip(ids, priced, strict=True)
    ]
