"""What online booking contributes to pages of others."""

from __future__ import annotations

from sqlalchemy import case

from prikus.toolkit import Context, Erasing, MenuItem, Merging, PatientRecords, hookimpl
from prikus_online_booking.models import ExternalBooking
from prikus_online_booking.services.claiming import claim


@hookimpl
def menu_items() -> list[MenuItem]:
    right = "online_booking.booking.view"
    return [MenuItem("Онлайн-запись", "world", "/online_booking/bookings", 38, right=right, short="Онлайн")]


@hookimpl
def patient_records() -> list[PatientRecords]:
    states = {"new": "принята", "moved": "перенесена", "cancelled": "отменена", "refused": "не принята"}
    columns = {
        "Получена": ExternalBooking.created_at,
        "Приём": ExternalBooking.starts_at,
        "Состояние": case(states, value=ExternalBooking.state),
        "Имя": ExternalBooking.name,
        "Телефон": ExternalBooking.phone,
        "Причина": ExternalBooking.reason,
    }
    return [PatientRecords("Онлайн-записи", ExternalBooking, ExternalBooking.patient_id, columns, 25)]


@hookimpl
async def patient_merging(ctx: Context, merging: Merging) -> None:
    """What was refused under the name that goes is not lost with the name."""
    await claim(ctx, merging.gone_id)


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """Whoever asks to be forgotten may have been refused before having a card."""
    await claim(ctx, erasing.patient_id)
