"""Tilda's side for tests and the demo: tests an address when it is saved, posts forms, repeats them as Tilda does.

It is never asked, it only sends: people type the clinic's address into its control page.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from itertools import count
from urllib.parse import quote, urlencode

import httpx
import msgspec
from litestar import Litestar

from prikus.fakes import ControlPage

DEADLINE = 5.0
REPEATS = 2
PAUSE, SHORT_PAUSE = 60.0, 0.5
"""Seconds between tries: in truth, and for somebody who looks on."""
FORM = "form800100200"
Fields = Sequence[tuple[str, str]]


class Refused(Exception):
    """Tilda does not take the address: «Webhook URL not available»."""


class Attempt(msgspec.Struct, frozen=True):
    """One post. `status` is 0 when nobody answered in time; `seconds` is how long it took."""

    tranid: str
    status: int
    seconds: float


class Delivery(msgspec.Struct, frozen=True):
    tranid: str
    attempts: list[Attempt]

    @property
    def is_taken(self) -> bool:
        return self.attempts[-1].status == 200


class Site:
    """One site with one webhook. `pause` between tries is a minute in truth; `key` goes to `place` with every form.

    `deadline` is how many seconds it waits for an answer.
    """

    def __init__(
        self,
        address: str,
        http: httpx.AsyncClient,
        *,
        pause: float = PAUSE,
        key: tuple[str, str] | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self.address, self.http, self.pause, self.key, self.deadline = address, http, pause, key, deadline
        self.place = "header"
        self.log: list[Attempt] = []
        self._numbers = count(1)

    async def save(self) -> None:
        """«Сохранить» of the settings. Raises `Refused`."""
        answer = await self._post("", b"test=test", {"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status != 200:
            raise Refused(f"Webhook URL not available: {answer.status}")

    def new_number(self) -> str:
        return f"9990001:{next(self._numbers):010}"

    async def submit(
        self,
        fields: Fields,
        *,
        tranid: str | None = None,
        cookies: str = "",
        is_json: bool = False,
        code: str = "utf-8",
    ) -> Delivery:
        """Somebody sent a form: once, and twice more when it is not taken, always with the same number."""
        tranid = self.new_number() if tranid is None else tranid
        all_fields = [*fields, *([("tranid", tranid)] if tranid else []), ("formid", FORM)]
        all_fields += [("COOKIES", cookies)] if cookies else []
        headers, all_fields = self._signed(all_fields)
        if is_json:
            body, kind = msgspec.json.encode(dict(all_fields)), "application/json"
        else:
            body, kind = urlencode(all_fields, encoding=code).encode(), "application/x-www-form-urlencoded"
        attempts: list[Attempt] = []
        for _ in range(1 + REPEATS):
            if attempts:
                await asyncio.sleep(self.pause)
            attempts.append(await self._post(tranid, body, {"Content-Type": kind, **headers}))
            if attempts[-1].status == 200:
                break
        return Delivery(tranid, attempts)

    def _signed(self, fields: list[tuple[str, str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
        if self.key is None:
            return {}, fields
        name, value = self.key
        if self.place == "body":
            return {}, [*fields, self.key]
        return ({"Cookie": f"other=1; {name}={value}"} if self.place == "cookie" else {name: value}), fields

    async def _post(self, tranid: str, body: bytes, headers: Mapping[str, str]) -> Attempt:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.deadline):
                status = (await self.http.post(self.address, content=body, headers=dict(headers))).status_code
        except (TimeoutError, httpx.HTTPError):
            status = 0
        attempt = Attempt(tranid, status, time.monotonic() - began)
        self.log.append(attempt)
        return attempt


def cookies_of(utm: Mapping[str, str], *, encoded: int = 1) -> str:
    """The cookies that Tilda sends when that is ticked; some sites encode them once more."""
    marks = "|||".join(f"{name}={value}" for name, value in utm.items())
    for _ in range(encoded):
        marks = quote(marks, safe="")
    return f"_ym_uid=1700; TILDAUTM={marks}; previousUrl=clinic.example"


def build() -> Litestar:
    """The control page of a site, for `prikus dev` and the demo."""
    control = ControlPage("Tilda", labels={"key_name": "Имя ключа", "key": "Ключ"})
    numbers = count(1)
    person = {"name": "Анна Белова", "phone": "+7 (912) 000-00-00", "text": "Хочу на имплантацию"}
    form = {"address": "", "key_name": "", "key": "", **person}

    async def send(address: str, key: tuple[str, str] | None, fields: Fields, *, tranid: str = "") -> str:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            delivery = await Site(address, http, pause=SHORT_PAUSE, key=key).submit(fields, tranid=tranid)
        for attempt in delivery.attempts:
            control.sent(f"форма {delivery.tranid}", attempt.status)
        status = delivery.attempts[-1].status
        return f"ответ {status}" if status else "никто не ответил"

    def filled(name: str, phone: str, text: str) -> Fields:
        return [("Name", name), ("Phone", phone), ("Textarea", text)]

    def new_number() -> str:
        return f"9990002:{next(numbers):010}"

    @control.scenario("saved", "Проверить адрес", **form)
    async def save(address: str, **rest: str) -> str:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            site = Site(address, http)
            try:
                await site.save()
            except Refused as refused:
                return str(refused)
            finally:
                control.sent("проверка адреса", site.log[-1].status)
        return "адрес принят"

    @control.scenario("lead", "Заявка", **form)
    async def lead(address: str, key_name: str, key: str, **said: str) -> str:
        return await send(address, (key_name, key) if key else None, filled(**said), tranid=new_number())

    @control.scenario("twice", "Заявка дважды", **form)
    async def twice(address: str, key_name: str, key: str, **said: str) -> str:
        number = new_number()
        first, second = [
            await send(address, (key_name, key) if key else None, filled(**said), tranid=number) for _ in range(2)
        ]
        return f"{first}, {second}"

    @control.scenario("stranger", "Заявка с чужим ключом", **form)
    async def stranger(address: str, key_name: str, key: str, **said: str) -> str:
        return await send(address, (key_name or "key", "another-key"), filled(**said), tranid=new_number())

    return control.around([])
