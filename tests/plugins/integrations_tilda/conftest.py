"""A clinic that has given its site the address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from prikus.testing.clinics import Client, TestClinic
from prikus_integrations_tilda.fake import Site
from tests.waiting import PATIENCE

KEY = ("X-Clinic-Key", "строго-секретно-4711")
REQUESTS = (
    "select name, phone, email, words, place, page, utm, received_at, external_id from crm.crm_request order by id"
)


class Clinic:
    """`site` posts to the clinic's address, a moment between its tries instead of a minute."""

    def __init__(self, clinic: TestClinic, director: Client, site: Site, card: str) -> None:
        self.clinic, self.director, self.site, self.card = clinic, director, site, card

    async def requests(self) -> list[Any]:
        """What came of it in the CRM, when all is worked."""
        await self.clinic.drain()
        async with self.clinic.ctx_as("system") as ctx:
            return list(await ctx.db.execute(text(REQUESTS)))

    async def settings(self, **values: str) -> None:
        form = (await self.director.get(self.card)).text
        version = re.search(r'name="row_version" value="(\d+)"', form)
        assert version
        saved = await self.director.post(self.card, data={"row_version": version[1], **values})
        assert saved.status_code < 300, saved.text

    async def card_text(self) -> str:
        return (await self.director.get("/connections/")).text


async def connected(clinic: TestClinic, http: Any, **more: Any) -> Clinic:
    director = (await clinic.client_as("director")).htmx
    saved = await director.post("/connections/new/tilda", data={"row_version": "0"})
    address = re.search(r"/webhooks/[\w-]+", saved.text)
    assert address, saved.text
    card = re.search(r"/connections/\d+(?=/connect)", (await director.get("/connections/")).text)
    assert card
    return Clinic(clinic, director, Site(address[0], http, pause=0.01, deadline=PATIENCE, **more), card[0])


@pytest.fixture
async def tilda(clinic: TestClinic, stranger: Client) -> Clinic:
    return await connected(clinic, stranger)
