"""Facts about messages."""

from __future__ import annotations

from typing import ClassVar

from prikus.toolkit import Event, FeedLine, PatientFact


class MessageStatusChanged(Event, frozen=True, kw_only=True):
    """A message is at the operator, delivered, failed, or nobody knows: `state` is accepted, delivered, failed or
    unknown. `external_id` is the provider's number of it."""

    name: ClassVar[str] = "message.status_changed"
    message_id: int
    state: str
    purpose: str
    patient_id: int | None
    connection_id: int | None
    external_id: str | None


class PatientMessageSent(PatientFact, frozen=True, kw_only=True):
    """The operator took a message to a known patient, for the patient's feed."""

    name: ClassVar[str] = "patient_message.sent"
    message_id: int
    text: str

    def feed_line(self) -> FeedLine:
        return FeedLine("Отправлено сообщение", self.text, "/messaging/messages", "message")
