"""One exchange: its people, subscriptions, calls, statistics, recordings, and what goes wrong with it."""

from __future__ import annotations

import asyncio
import random
import re
import time
import uuid
from typing import Any

import httpx
import msgspec

from prikus.fakes import ControlPage
from prikus_integrations_beeline.fake.events import Leg, bare_event, call_event
from prikus_integrations_beeline.fake.scenarios import CLIENT, LINE, SCENARIOS, Abonent, Play

NAMES = (("Ольга", "Кузнецова"), ("Марина", "Лебедева"), ("Игорь", "Соколов"))
KIND = re.compile(r":(\w+Event)\b")
TO_CLIENT = "CallUpdated to the clientEvent"


class Faults(msgspec.Struct):
    """What goes wrong. `status` is answered to the next `times` requests whose path begins with `path`.

    `is_silent` sends no event, `lost` leaves out those kinds.
    """

    status: int = 0
    times: int = 0
    path: str = "/"
    method: str = ""
    retry_after: int = 0
    is_html: bool = False
    slow: float = 0
    grant: int = 0
    recording_after: int = 0
    suffix: str = ""
    is_doubled: bool = False
    is_shuffled: bool = False
    is_swapped: bool = False
    lost: list[str] = []
    is_silent: bool = False
    first_page: int = 0
    has_plus: bool = False
    has_extra: bool = False
    has_tracking: bool = True

    def hits(self, method: str, path: str) -> bool:
        """Whether this request is answered wrongly; counts it."""
        is_hit = self.times > 0 and self.method in ("", method) and path.startswith(self.path)
        self.times -= is_hit
        return is_hit


class Subscribed(msgspec.Struct):
    subscription_id: str
    url: str
    expires_at: float
    sequence: int = 0


class Exchange:
    """What one token opens. `log` holds what was asked and what was sent, newest last."""

    def __init__(self, number: int, control: ControlPage) -> None:
        self.number = number
        self.control = control
        self.people: list[Abonent] = []
        self.employ(3)
        self.subscriptions: dict[str, Subscribed] = {}
        self.rows: list[dict[str, Any]] = []
        self.records: dict[str, dict[str, Any]] = {}
        self.asked_records: dict[str, int] = {}
        self.faults = Faults()
        self.ahead = 0.0
        self.calls = 0
        self.log: list[dict[str, Any]] = []
        self.playing: set[asyncio.Task[Any]] = set()

    def employ(self, count: int) -> None:
        """The exchange has so many people from now on."""
        self.people = [
            Abonent(f"99900{n:05d}@mpbx.sip.beeline.ru", f"99900{n:05d}", *NAMES[n % 3], str(n + 1))
            for n in range(100, 100 + count)
        ]

    @property
    def now(self) -> float:
        return time.time() + self.ahead

    def subscribe(self, url: str, expires: int) -> Subscribed:
        seconds = min(expires, self.faults.grant or expires)
        made = Subscribed(str(uuid.uuid4()), url, self.now + seconds)
        self.subscriptions[made.subscription_id] = made
        return made

    async def advance(self, seconds: float) -> None:
        """Let time pass: subscriptions that ran out say so once."""
        self.ahead += seconds
        for one in list(self.subscriptions.values()):
            if one.expires_at <= self.now:
                del self.subscriptions[one.subscription_id]
                if self.faults.is_silent:
                    continue
                _, text = bare_event("SubscriptionTerminatedEvent", one.subscription_id, one.sequence + 1)
                await self.post(one.url, text)

    async def post(self, url: str, text: bytes) -> int:
        """Send it once, without asking what became of it, as the exchange does. The status, 0 for none."""
        headers = {"Content-Type": "application/xml; charset=UTF-8"}
        try:
            async with httpx.AsyncClient(timeout=60) as client:
                status = (await client.post(url + self.faults.suffix, content=text, headers=headers)).status_code
        except httpx.HTTPError:
            status = 0
        self.log.append({"sent": url + self.faults.suffix, "status": status})
        kinds = KIND.findall(text.decode(errors="replace"))
        self.control.sent(kinds[-1] if kinds else "обрывок события", status)
        return status

    async def play(
        self,
        name: str,
        client: str | None = CLIENT,
        *,
        first: str = "",
        seconds: float = 0,
        faults: Faults | None = None,
    ) -> str:
        """Play a scenario; the call's tracking id. It was over already, or takes so many seconds from now on.

        `first` is whose telephone leads, `faults` what goes wrong with this call alone.
        """
        self.calls += 1
        tracking = str(uuid.UUID(int=self.number << 64 | self.calls << 16 | random.getrandbits(16), version=4))
        people = sorted(self.people, key=lambda one: one.extension != first)
        play = Play(people, client or None, self.number * 1000 + self.calls, [], [])
        SCENARIOS[name][1](play)
        running = asyncio.create_task(self._run(play, tracking, client, seconds, faults or self.faults))
        self.playing.add(running)
        running.add_done_callback(self.playing.discard)
        if not seconds:
            await running
        return tracking

    async def _run(self, play: Play, tracking: str, client: str | None, seconds: float, faults: Faults) -> None:
        steps = sorted(play.steps, key=lambda step: step[0])
        pace = seconds / steps[-1][0] if seconds else 1
        began = self.now - (0 if seconds else steps[-1][0])
        told: list[tuple[str, Leg]] = []
        for second, kind, leg in steps:
            at = began + second * pace
            if seconds:
                await asyncio.sleep(max(0, at - self.now))
            self._happen(kind, leg, round(at * 1000), client)
            told.append(("CallUpdatedEvent" if kind == TO_CLIENT else kind, msgspec.structs.replace(leg)))
            if seconds:
                await self._tell(tracking, [told[-1]], faults)
        self._remember(play, tracking)
        if not seconds:
            await self._tell(tracking, told, faults)

    def _happen(self, kind: str, leg: Leg, moment: int, client: str | None) -> None:
        leg.start = leg.start or moment
        if kind == "CallAnsweredEvent":
            leg.answer = moment
        elif kind == "CallReleasedEvent":
            leg.release = moment
        elif kind == TO_CLIENT:
            leg.remote, leg.call_type = client, "Network"

    async def _tell(self, tracking: str, told: list[tuple[str, Leg]], faults: Faults) -> None:
        """Say it to every subscription, with what goes wrong on the way."""
        if faults.is_silent:
            return
        for one in list(self.subscriptions.values()):
            texts = []
            for kind, leg in told:
                one.sequence += 1
                swapped = faults.is_swapped
                _, text = call_event(kind, leg, tracking, one.subscription_id, one.sequence, is_swapped=swapped)
                if kind not in faults.lost:
                    texts += [text] * (2 if faults.is_doubled else 1)
            if faults.is_shuffled:
                random.shuffle(texts)
            for text in texts:
                await self.post(one.url, text)

    def _remember(self, play: Play, tracking: str) -> None:
        """A row of statistics for each telephone, a recording for each talk."""
        for leg in play.legs:
            who = next((one for one in self.people if one.user_id == leg.user_id), None)
            if who is None:
                continue
            is_in = leg.personality == "Terminator"
            status = "PLACED" if not is_in else "RECIEVED" if leg.answer else "MISSED"
            talk = (leg.release or leg.start) - leg.answer if leg.answer else 0
            ours = f"+7{who.phone}"
            row = {
                "startDate": leg.start,
                "duration": talk,
                "direction": "INBOUND" if is_in else "OUTBOUND",
                "status": status,
                "phone_from": (leg.remote if leg.remote else "") if is_in else ours,
                "phone_to": (leg.redirected_from or LINE) if is_in else leg.remote,
                "department": "Ресепшн",
                "abonent": self.abonent(who),
            }
            self.rows.append(row | ({"externalTrackingId": tracking} if self.faults.has_tracking else {}))
            if leg.answer:
                number = str(5000 + len(self.records))
                self.records[number] = {
                    "id": int(number),
                    "externalId": tracking,
                    "direction": row["direction"],
                    "date": leg.answer,
                    "duration": talk,
                    "fileSize": 4096,
                    "phone": leg.remote,
                    "abonent": self.abonent(who),
                }

    def abonent(self, one: Abonent) -> dict[str, Any]:
        phone = f"+7{one.phone}" if self.faults.has_plus else one.phone
        said = {"userId": one.user_id, "phone": phone, "firstName": one.first_name, "lastName": one.last_name}
        more = {"photo": None, "tags": [{"id": 1}]} if self.faults.has_extra else {}
        return said | {"email": None, "department": "Ресепшн", "extension": one.extension} | more


class Exchanges:
    """All that were ever asked for, by their tokens."""

    def __init__(self) -> None:
        labels = {"client": "Номер клиента", "first": "Внутренний номер", "seconds": "Секунд"}
        self.control = ControlPage("Облачная АТС «Билайн»", accounts=self.titles, labels=labels)
        self._known: dict[str, Exchange] = {}

    def of(self, token: str) -> Exchange:
        return self._known.setdefault(token, Exchange(len(self._known) + 1, self.control))

    def titles(self) -> dict[str, str]:
        return {token: f"Токен …{token[-4:]}" for token in reversed(self._known)}
