"""The price list: categories, services, and every price that a service has had."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import ALIVE, Instant, Money, SoftDeleted, TenantModel, append_only, index, one_of, ref, unique

VAT_RATES = ("none", "0", "5", "7", "10", "20", "22")
XRAY_TYPES = ("periapical", "bitewing", "panoramic", "cephalometric", "cbct")


class ServiceCategory(TenantModel, SoftDeleted):
    """A direction of treatment, one level (REF-15)."""

    __table_args__ = (unique("name", where=ALIVE), index("changed_xid", "id"))
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer, server_default="0")


class Service(TenantModel, SoftDeleted):
    """A line of the price list (REF-18).

    `duration` in minutes, `dose_usv` in microsieverts, `tax_code` of the tax certificate: 1 ordinary, 2 expensive.
    `search_text` holds code and name in lower case with «ё» as «е». Inactive services stay in the list but are not
    offered.
    """

    __table_args__ = (
        unique("code", where=ALIVE),
        index("category_id", "name", where=ALIVE),
        index("changed_xid", "id"),
        one_of("vat_rate", *VAT_RATES),
        one_of("xray_type", *XRAY_TYPES),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("duration between 0 and 1440", name="duration_of_a_day"),
        CheckConstraint("tax_code in (1, 2)", name="tax_code_known"),
        CheckConstraint("xray_type is not null or dose_usv is null", name="dose_of_xray"),
    )
    category_id: Mapped[int] = ref("catalog.service_category")
    code: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Money)
    duration: Mapped[int] = mapped_column(Integer)
    per_tooth: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    tax_code: Mapped[int] = mapped_column(Integer, server_default="1")
    vat_rate: Mapped[str] = mapped_column(Text, server_default="none")
    xray_type: Mapped[str | None] = mapped_column(Text)
    dose_usv: Mapped[int | None] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))


@append_only()
class ServicePrice(TenantModel):
    """A price and the moment since which it has been valid (REF-21). Append-only."""

    __table_args__ = (index("service_id", "valid_from"),)
    service_id: Mapped[int] = ref("catalog.service")
    price: Mapped[Decimal] = mapped_column(Money)
    valid_from: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))
