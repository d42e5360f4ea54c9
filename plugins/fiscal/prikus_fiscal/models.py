"""The clinic's registers and all its receipts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, Integer, Text, and_, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import PERSONAL, Instant, Leased, Money, TenantModel, index, one_of, ref, soft_ref, unique

KINDS = ("sell", "sell_refund", "sell_correction", "sell_refund_correction")
STATES = ("draft", "needs_contact", "queued", "sending", "accepted", "done", "failed", "unknown", "resolved")
MOVABLE = ("draft", "needs_contact", "queued", "failed")
OPEN = ("queued", "sending", "accepted", "unknown")
IN_HANDS = ("sending", "accepted")
"""The register has it, or is getting it, and will say what became of it."""
PERSON = ("draft", "needs_contact", "failed")
STUCK_ROWS = "state in ('draft', 'needs_contact', 'failed') or (state = 'unknown' and next_at is null)"
NAMINGS = ("price_list", "category", "generic")
VATS = ("none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22")


class CashRegister(Leased, TenantModel):
    """A register behind a connection. Of those of a branch and legal entity one is active: it gets what is new.

    `vat` stands on lines that are no service: advances, debts. `naming` says what services are called on receipts,
    `generic_name`, `advance_name` and `debt_name` the words for it. `fallback_email` gets the receipts of people
    without a contact. `can_correct`: it is known to take corrections. While `stopped` says why, nothing is sent.
    `succeeded_at` is when the last receipt was registered.
    """

    __table_args__ = (
        unique("connection_id"),
        unique("branch_id", "legal_entity_id", where="is_active"),
        one_of("vat", *VATS),
        one_of("naming", *NAMINGS),
    )
    name: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    connection_id: Mapped[int | None] = ref("core.connection", optional=True)
    branch_id: Mapped[int] = ref("core.branch")
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    taxation: Mapped[str] = mapped_column(Text)
    can_correct: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    vat: Mapped[str] = mapped_column(Text, server_default="none")
    is_active: Mapped[bool] = mapped_column(Boolean)
    naming: Mapped[str] = mapped_column(Text, server_default="price_list")
    generic_name: Mapped[str] = mapped_column(Text, server_default="Медицинская услуга")
    advance_name: Mapped[str] = mapped_column(Text, server_default="Аванс за стоматологические услуги")
    debt_name: Mapped[str] = mapped_column(Text, server_default="Оплата долга за стоматологические услуги")
    fallback_email: Mapped[str | None] = mapped_column(Text)
    stopped: Mapped[str | None] = mapped_column(Text)
    succeeded_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class FiscalReceipt(TenantModel):
    """One receipt of one movement of money. `part` counts the receipts of a kind that one movement needs.

    `external_id` is our number at the provider, written before it is first sent and the same in all repetitions; after
    an attempt that definitely failed the next one has `<number>-2`, and `history` keeps how the former ended. It is
    doubtful once nobody answered about this number: it may be registered, also when repetitions are refused.
    `content` is what it says (`schemas.Content`), `buyer` for whom (`schemas.Buyer`), `fiscal` what the register gave.
    `tries` counts requests about the present state, `next_at` is when to ask again, None for never by itself. For a day
    after `begun_at`, the first request since it waits, it is sent again, for a day after `accepted_at` it is asked for.
    `note` is a person's reason for a correction, or for calling it resolved.
    """

    __table_args__ = (
        one_of("kind", *KINDS),
        one_of("state", *STATES),
        one_of("trouble", "data", "credentials", "busy", "register"),
        unique("transaction_id", "kind", "part"),
        unique("external_id"),
        index("register_id", "id", where="state in ('queued', 'sending', 'accepted', 'unknown')"),
        index("register_id", where=STUCK_ROWS),
        index("happened_at", "id"),
        index("patient_id"),
        index("business_date"),
        index("base_id"),
        CheckConstraint("total > 0", name="total_positive"),
        CheckConstraint("(state = 'done') = (fiscal is not null)", name="fiscal_of_done"),
    )
    register_id: Mapped[int | None] = ref("fiscal.cash_register", optional=True)
    transaction_id: Mapped[int] = soft_ref("billing.ledger_transaction", optional=False)
    kind: Mapped[str] = mapped_column(Text)
    part: Mapped[int] = mapped_column(Integer, server_default="0")
    base_id: Mapped[int | None] = ref("fiscal.fiscal_receipt", optional=True)
    patient_id: Mapped[int] = ref("core.patient")
    invoice_id: Mapped[int | None] = soft_ref("billing.invoice")
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    branch_id: Mapped[int] = ref("core.branch")
    happened_at: Mapped[dt.datetime] = mapped_column(Instant)
    business_date: Mapped[dt.date] = mapped_column(Date)
    total: Mapped[Decimal] = mapped_column(Money)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    buyer: Mapped[dict[str, Any] | None] = mapped_column(JSONB, comment=PERSONAL)
    state: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str] = mapped_column(Text)
    is_doubtful: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    attempt: Mapped[int] = mapped_column(Integer, server_default="1")
    history: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    provider_uuid: Mapped[str | None] = mapped_column(Text)
    fiscal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    trouble: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    queued_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))
    begun_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    accepted_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    next_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    done_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    @property
    def is_movable(self) -> bool:
        """Surely not registered: another register may have it."""
        return self.state in MOVABLE and self.provider_uuid is None and not self.is_doubtful


def _in(*states: str) -> Any:
    """The words stand in the statement itself: the planner has to see that a partial index holds them."""
    return FiscalReceipt.state.in_([literal_column(f"'{state}'", Text) for state in states])


GIVEN_UP = and_(_in("unknown"), FiscalReceipt.next_at.is_(None))
STUCK = or_(_in(*PERSON), GIVEN_UP)
"""What needs a person."""
WAITING = and_(_in(*OPEN), ~GIVEN_UP)
"""What goes by itself."""

_base = FiscalReceipt.__table__.alias("base")
WITHOUT_BASE = (
    select(_base.c.id)
    .where(_base.c.clinic_id == FiscalReceipt.clinic_id, _base.c.id == FiscalReceipt.base_id)
    .where(FiscalReceipt.kind == "sell_refund", _base.c.state.not_in(("done", "resolved")))
    .exists()
)
"""What takes a receipt back waits until that one is there."""
WAITS_FOR_SALE = (FiscalReceipt.state == "queued") & WITHOUT_BASE
