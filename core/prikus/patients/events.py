"""Facts about the card itself."""

from __future__ import annotations

from prikus.host.declarations import FeedLine, PatientFact


class PatientCreated(PatientFact, frozen=True, kw_only=True):
    """A card was opened for a new patient (PAT-06)."""

    name = "patient.created"
    card_number: int

    def feed_line(self) -> FeedLine:
        return FeedLine("Карточка создана", f"№ {self.card_number:06d}", icon="user-plus")


class PatientUpdated(PatientFact, frozen=True, kw_only=True):
    """The card was edited. `changed` are names of columns, and `document`, `registration`, `residence`."""

    name = "patient.updated"
    changed: tuple[str, ...]

    def feed_line(self) -> FeedLine:
        titles = dict.fromkeys(TITLES[name] for name in self.changed if name in TITLES)
        return FeedLine("Карточка изменена", ", ".join(titles) or None, icon="pencil")


class PatientDeleted(PatientFact, frozen=True, kw_only=True):
    """The card was put into the trash."""

    name = "patient.deleted"

    def feed_line(self) -> FeedLine:
        return FeedLine("Карточка удалена в корзину", icon="trash")


class PatientRestored(PatientFact, frozen=True, kw_only=True):
    """The card came back from the trash."""

    name = "patient.restored"

    def feed_line(self) -> FeedLine:
        return FeedLine("Карточка восстановлена", icon="arrow-back-up")


TITLES = {
    "last_name": "имя",
    "first_name": "имя",
    "patronymic": "имя",
    "phone": "телефон",
    "home_phone": "домашний телефон",
    "email": "электронная почта",
    "birth_date": "дата рождения",
    "gender_id": "пол",
    "marketing_channel_id": "маркетинговый канал",
    "patient_group_id": "группа пациентов",
    "coordinator_id": "координатор",
    "mailing_enabled": "рассылка",
    "is_active": "статус",
    "snils": "СНИЛС",
    "inn": "ИНН",
    "oms_policy_number": "полис",
    "comment": "комментарий",
    "document": "документ",
    "registration": "адрес регистрации",
    "residence": "адрес проживания",
}
