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


class PatientMerged(PatientFact, frozen=True, kw_only=True):
    """Another card became part of this one: what referred to `gone_id` refers to `patient_id` now (PAT-22)."""

    name = "patient.merged"
    gone_id: int
    gone_card_number: int

    def feed_line(self) -> FeedLine:
        return FeedLine("Карточки объединены", f"Присоединена карта № {self.gone_card_number:06d}", icon="users-group")


class PatientParted(PatientFact, frozen=True, kw_only=True):
    """A merge was undone: `other_id` is a card of its own again."""

    name = "patient.parted"
    other_id: int
    other_card_number: int

    def feed_line(self) -> FeedLine:
        text = f"Карта № {self.other_card_number:06d} снова отдельная"
        return FeedLine("Объединение отменено", text, f"/patients/{self.other_id}", "switch-horizontal")


class PatientErased(PatientFact, frozen=True, kw_only=True):
    """The personal data of the card were erased; invoices and visits stay without a name."""

    name = "patient.erased"

    def feed_line(self) -> FeedLine:
        return FeedLine("Персональные данные стёрты", icon="user-x")


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
