"""Forms of the site. The address is secret; a key may stand in a header, a cookie or a field besides."""

from __future__ import annotations

import hashlib
from typing import Any

from prikus.toolkit import Arrived, Context, OpenConnection, Reply, Webhook
from prikus_crm.public import Lead, LeadSource, hear_lead
from prikus_integrations_tilda.services import keys, reading
from prikus_integrations_tilda.services.reading import MOST_FIELDS, PROBE, count_fields, pairs_of
from prikus_integrations_tilda.settings import Settings

SOURCE = LeadSource("integrations_tilda", "Tilda", "world")
EMPTY = "Форма без единого заполненного поля."
LONGEST_ID = 200


class Forms(Webhook):
    kind = "tilda"

    def refusal(self, arrived: Arrived) -> Reply | None:
        return Reply(413, "too many fields") if count_fields(arrived) > MOST_FIELDS else None

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        """Nobody knows whether Tilda's test carries the key: it needs the address only."""
        return self.is_probe(arrived) or keys.is_known(arrived, settings)

    def is_probe(self, arrived: Arrived) -> bool:
        return pairs_of(arrived) == PROBE

    def kept(self, arrived: Arrived, settings: Any) -> Arrived:
        name = (settings.get("key_name") or "").strip()
        return reading.without(arrived, name) if name else arrived

    def external_id(self, arrived: Arrived) -> str:
        """Tilda's number of the submission. Without one: the same form with the same words on the same day."""
        form = reading.submission(pairs_of(arrived))
        if form.tranid:
            return form.tranid.replace("\0", "")[:LONGEST_ID]
        said = "\0".join((form.place, form.name, form.phone, form.email, form.words, f"{arrived.at:%Y-%m-%d}"))
        return hashlib.sha256(said.encode(errors="replace")).hexdigest()

    def reply(self, arrived: Arrived) -> Reply:
        return Reply(200, "ok")

    async def handle(self, ctx: Context, connection: OpenConnection[Settings], arrived: Arrived) -> str | None:
        form = reading.submission(pairs_of(arrived))
        if not (form.name or form.phone or form.email or form.words):
            return EMPTY
        lead = Lead(
            external_id=self.external_id(arrived),
            name=form.name,
            phone=form.phone,
            email=form.email,
            text=form.words,
            place=form.place,
            page=form.page,
            utm=form.utm,
            received_at=arrived.at,
        )
        await hear_lead(ctx, SOURCE, lead)
        return None


webhooks = [Forms()]
