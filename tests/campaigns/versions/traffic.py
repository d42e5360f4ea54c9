"""People at work behind a proxy, who repeat nothing: whatever is not answered well is a failure."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import httpx

from prikus.app.door import cookie_name, csrf_token
from prikus.testing.clinics import TestClinic
from prikus.testing.live import PATIENCE
from prikus.ui.render import CSRF_HEADER

LOOK = 0.1
"""Seconds between two looks of the proxy at `/health/ready`."""
PEOPLE = 4


class Proxy:
    """Knows who is ready, as of its last look, and sends each request to one of them, once."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.ready: list[httpx.AsyncClient] = []
        self.known: dict[str, httpx.AsyncClient] = {}
        self._headers = headers

    def add(self, url: str) -> None:
        self.known[url] = httpx.AsyncClient(base_url=url, headers=self._headers, timeout=PATIENCE)

    async def look(self) -> None:
        """Ask everybody."""
        known = list(self.known.values())
        answers = await asyncio.gather(*map(self._is_ready, known))
        self.ready = [client for client, is_ready in zip(known, answers, strict=True) if is_ready]

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False

    async def knows(self, url: str, is_ready: bool) -> None:
        """Return when the proxy has noticed."""
        async with asyncio.timeout(PATIENCE):
            while (self.known[url] in self.ready) != is_ready:
                await self.look()

    async def close(self) -> None:
        for client in self.known.values():
            await client.aclose()


class Traffic:
    """What people ask for and what became of it."""

    def __init__(self, proxy: Proxy, chance: random.Random, patient: int, category: int) -> None:
        self.proxy = proxy
        self.answered: Counter[str] = Counter()
        self.failures: list[str] = []
        self._chance = chance
        self._patient = patient
        self._category = category

    async def ask(self) -> None:
        client = self._chance.choice(self.proxy.ready) if self.proxy.ready else None
        if client is None:
            self.failures.append("nobody is ready")
            return
        method, path, form = self._wish()
        try:
            answer = await client.request(method, path, data=form)
        except httpx.TransportError as error:
            self.failures.append(f"{method} {path}: {error!r}")
            return
        if answer.status_code >= 400:
            self.failures.append(f"{method} {path}: {answer.status_code}")
        self.answered[str(client.base_url)] += 1

    def _wish(self) -> tuple[str, str, dict[str, str] | None]:
        number = self._chance.randrange(10**9)
        service = {"category_id": str(self._category), "name": f"Услуга {number}", "code": f"U{number}", "price": "100"}
        patient = {"last_name": f"Новый{number}", "first_name": "Пётр", "phone": f"+79{number:09d}"}
        return self._chance.choice(
            (
                ("GET", "/patients/", None),
                ("GET", f"/patients/{self._patient}", None),
                ("GET", "/catalog/", None),
                ("GET", "/catalog/services/search?query=Услуга", None),
                ("POST", "/catalog/services/new", service),
                ("POST", "/patients/new", {**patient, "idempotency_key": str(uuid4())}),
            )
        )

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """While the block runs, people ask one thing after the other, and the proxy looks who is ready."""
        stop = asyncio.Event()

        async def person() -> None:
            while not stop.is_set():
                await self.ask()
                if not self.proxy.ready:
                    await self.proxy.look()

        async def watch() -> None:
            while not stop.is_set():
                await self.proxy.look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK)

        async with asyncio.TaskGroup() as group:
            for work in (watch, *(person,) * PEOPLE):
                group.create_task(work())
            try:
                yield
            finally:
                stop.set()

    async def reach(self, total: int) -> None:
        """Return when that much was asked."""
        async with asyncio.timeout(10 * PATIENCE):
            while self.answered.total() + len(self.failures) < total:
                await self.proxy.look()


async def headers(clinic: TestClinic) -> dict[str, str]:
    """Those of the signed-in head of the clinic."""
    key, config = await clinic.session("director"), clinic.house.config
    return {"Cookie": f"{cookie_name(config)}={key}", CSRF_HEADER: csrf_token(config.secret(), key)}
