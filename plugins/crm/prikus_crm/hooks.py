"""What the CRM contributes to pages of others."""

from __future__ import annotations

from sqlalchemy import case, func

from prikus.toolkit import Context, Erasing, MenuItem, PatientRecords, TrashSection, hookimpl
from prikus_crm.models import CrmRequest
from prikus_crm.schemas import STATUSES
from prikus_crm.services.hearing import claim


@hookimpl
def menu_items() -> list[MenuItem]:
    return [
        MenuItem("CRM", "headset", "/crm/", 30, "crm.request.view"),
        MenuItem("Новая заявка", "headset", "/crm/requests/new", 60, "crm.request.edit", section="create"),
    ]


@hookimpl
def trash_sections() -> list[TrashSection]:
    name = func.coalesce(CrmRequest.name, CrmRequest.phone, CrmRequest.email, "Без имени")
    return [TrashSection("crm.request", "Заявки", CrmRequest, name, "crm.request.delete", 60, note=CrmRequest.words)]


@hookimpl
def patient_records() -> list[PatientRecords]:
    columns = {
        "Поступила": CrmRequest.received_at,
        "Статус": case({code: words for code, (words, _) in STATUSES.items()}, value=CrmRequest.status),
        "Имя": CrmRequest.name,
        "Телефон": CrmRequest.phone,
        "Почта": CrmRequest.email,
        "Текст": CrmRequest.words,
        "Комментарий": CrmRequest.comment,
        "Причина отказа": CrmRequest.refusal,
        "Страница": CrmRequest.page,
    }
    return [PatientRecords("Заявки", CrmRequest, CrmRequest.patient_id, columns, 60)]


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """Whoever asks to be forgotten also wrote before having a card."""
    await claim(ctx, erasing.patient_id)
