"""Reference books that every clinic starts with."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.models import Profession
from prikus.references.models import Gender, MarketingChannel, PatientGroup

GENDERS = (("male", "Мужской"), ("female", "Женский"))
CHANNELS = ("Рекомендация", "Сайт", "Яндекс Карты", "2ГИС", "Вывеска", "Социальные сети", "Другое")
GROUPS = ("Новые", "Постоянные", "Редкие")
DOCTORS = (
    "Стоматолог-терапевт",
    "Стоматолог-хирург",
    "Стоматолог-ортопед",
    "Ортодонт",
    "Пародонтолог",
    "Детский стоматолог",
    "Гигиенист",
)
STAFF = ("Администратор", "Ассистент врача", "Координатор лечения", "Бухгалтер", "Кладовщик", "Руководитель")


async def seed_references(db: AsyncSession) -> None:
    """Genders with their official codes, channels, patient groups, professions (REF-33, REF-48, REF-51, REF-36)."""
    await db.execute(insert(Gender), [{"code": code, "name": name} for code, name in GENDERS])
    await db.execute(insert(MarketingChannel), [{"name": name} for name in CHANNELS])
    await db.execute(insert(PatientGroup), [{"name": name} for name in GROUPS])
    professions = [("doctor", name) for name in DOCTORS] + [("staff", name) for name in STAFF]
    await db.execute(
        insert(Profession),
        [{"kind": kind, "name": name, "position": place} for place, (kind, name) in enumerate(professions)],
    )
