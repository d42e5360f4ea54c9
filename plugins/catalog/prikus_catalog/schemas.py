"""What pages, services and other plugins say to each other about the price list."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec

from prikus.toolkit import Followed

VatRate = Literal["none", "0", "5", "7", "10", "20", "22"]
XrayType = Literal["periapical", "bitewing", "panoramic", "cephalometric", "cbct"]


class CategoryForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category as the form sends it; `row_version` comes with an edit."""

    name: str
    row_version: int | None = None


class ServiceFields(msgspec.Struct, frozen=True, kw_only=True):
    """A service: `duration` in minutes, `dose_usv` in microsieverts. `row_version` comes with an edit."""

    category_id: int
    code: str | None = None
    name: str
    price: Decimal
    duration: int = 30
    per_tooth: bool = False
    tax_code: Literal["1", "2"] = "1"
    vat_rate: VatRate = "none"
    xray_type: XrayType | None = None
    dose_usv: int | None = None
    row_version: int | None = None


class ServiceForm(ServiceFields, frozen=True, kw_only=True):
    """A service as the form sends it: what its fields of X-rays say counts while the switch `is_xray` is on."""

    is_xray: bool = False
    is_active: bool = False


class ServiceBody(ServiceFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service as a program sends it: on sale unless it says otherwise, of X-rays when it names their `xray_type`."""

    is_active: bool = True


class CategoryRow(msgspec.Struct, frozen=True):
    """A category of the list with the number of its services."""

    id: int
    name: str
    count: int


class ServiceRow(msgspec.Struct, frozen=True):
    """A service of the list."""

    id: int
    category_id: int
    code: str | None
    name: str
    price: Decimal
    duration: int
    per_tooth: bool
    xray_type: str | None
    is_active: bool


class PriceRow(msgspec.Struct, frozen=True):
    """A price, since which day by the clinic's clock, by whom it was set."""

    price: Decimal
    valid_from: dt.date
    by: str


class Offer(msgspec.Struct, frozen=True):
    """A service that can be sold, at its price of now."""

    id: int
    code: str | None
    name: str
    price: Decimal
    per_tooth: bool
    category: str


class CategoryChange(Followed, frozen=True, kw_only=True):
    """A category of the price list as programs follow it."""

    name: str | None = None
    position: int | None = None
    row_version: int | None = None


class ServiceChange(Followed, frozen=True, kw_only=True):
    """A service as programs follow it: `duration` in minutes, `dose_usv` in microsieverts, `price` of now."""

    category_id: int | None = None
    code: str | None = None
    name: str | None = None
    price: Decimal | None = None
    duration: int | None = None
    per_tooth: bool | None = None
    tax_code: str | None = None
    vat_rate: VatRate | None = None
    xray_type: XrayType | None = None
    dose_usv: int | None = None
    is_active: bool | None = None
    row_version: int | None = None
