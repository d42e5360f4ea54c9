"""The register itself: receipts by group and external number, rising numbers of documents, what callbacks tell."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import msgspec

INN = "7700000000"
FN = "9999078900000001"
MOMENT = "%d.%m.%Y %H:%M:%S"
PAPER = {"code": 3, "text": "Нет бумаги", "type": "driver"}
QUEUE = {"code": 1, "text": "Истекло время ожидания в очереди", "type": "timeout"}
FOREIGN = {"code": 2009, "text": "ИНН не совпадает с ИНН кассы", "type": "agent"}
NOT_READY = {"code": 34, "text": "Чек ещё обрабатывается", "type": "system"}


class Kept(msgspec.Struct):
    """A receipt that was accepted. `waits` is how many more times it is not ready."""

    uuid: str
    external_id: str
    group: str
    kind: str
    total: float
    callback_url: str
    waits: int
    error: dict[str, Any] | None = None
    payload: dict[str, Any] | None = None
    has_link: bool = True

    @property
    def status(self) -> str:
        return "fail" if self.error else "done" if self.payload else "wait"


class Till:
    def __init__(self) -> None:
        self.receipts: dict[tuple[str, str], Kept] = {}
        self.documents = 132

    def known(self, group: str, external_id: str) -> Kept | None:
        return self.receipts.get((group, external_id))

    def by_uuid(self, group: str, number: str) -> Kept | None:
        return next((one for one in self.receipts.values() if (one.group, one.uuid) == (group, number)), None)

    def accept(self, group: str, kind: str, said: dict[str, Any], waits: int) -> Kept:
        body = said.get("receipt") or said["correction"]
        url = (said.get("service") or {}).get("callback_url", "")
        kept = Kept(str(uuid.uuid4()), said["external_id"], group, kind, body["total"], url, waits)
        if body["company"]["inn"] != INN:
            kept.error = FOREIGN
        self.receipts[group, kept.external_id] = kept
        return kept

    def proceed(self, kept: Kept) -> None:
        """One step nearer to its end."""
        if kept.status != "wait":
            return
        if kept.waits > 0:
            kept.waits -= 1
            return
        self.documents += 1
        link = {"ofd_receipt_url": f"https://ofd.example/r/{self.documents}"} if kept.has_link else {}
        kept.payload = {
            "total": kept.total,
            "fns_site": "www.nalog.gov.ru",
            "fn_number": FN,
            "shift_number": 23,
            "receipt_datetime": now(),
            "fiscal_receipt_number": self.documents - 127,
            "fiscal_document_number": self.documents,
            "ecr_registration_number": "0000000001000001",
            "fiscal_document_attribute": 1_000_000_000 + self.documents,
            **link,
        }


def told(kept: Kept) -> dict[str, Any]:
    """The body of `report` and of a callback."""
    return {
        "uuid": kept.uuid,
        "error": kept.error or (NOT_READY if kept.status == "wait" else None),
        "status": kept.status,
        "payload": kept.payload,
        "timestamp": now(),
        "group_code": kept.group,
        "daemon_code": "d1",
        "device_code": "KKT1",
        "external_id": kept.external_id,
        "callback_url": kept.callback_url,
    }


def now() -> str:
    return dt.datetime.now().strftime(MOMENT)
