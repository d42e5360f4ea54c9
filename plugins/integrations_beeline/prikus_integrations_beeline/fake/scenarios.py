"""Calls that can be played: what happens at which telephone, second by second."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from prikus_integrations_beeline.fake.events import Leg

CLIENT = "+79990000001"
LINE = "+74951234567"
MENU = "9990000190_vxml@mpbx.sip.beeline.ru"
RING, TALK, RING_OUT = 6.0, 65.0, 20.0

Step = tuple[float, str, Leg]


class Abonent(msgspec.Struct, frozen=True):
    user_id: str
    phone: str
    first_name: str
    last_name: str
    extension: str


class Play(msgspec.Struct):
    """A call to be played. `steps` are (second, kind of event, leg); a leg's moments are set as its events come."""

    people: list[Abonent]
    client: str | None
    number: int
    steps: list[Step] = []
    legs: list[Leg] = []

    def leg(self, who: Abonent | str, **facts: object) -> Leg:
        user_id = who if isinstance(who, str) else who.user_id
        call_id = f"callhalf-{self.number}0{len(self.legs)}:0"
        made = msgspec.convert({"user_id": user_id, "call_id": call_id, "remote": self.client, **facts}, Leg)
        self.legs.append(made)
        return made

    def at(self, second: float, kind: str, leg: Leg) -> None:
        self.steps.append((second, f"Call{kind}Event", leg))

    def ring_out(self, leg: Leg, since: float = 0, until: float = RING_OUT) -> None:
        self.at(since, "Received", leg)
        self.at(until, "Released", leg)

    def talk(self, leg: Leg, since: float = 0, answer: float = RING, end: float = RING + TALK) -> None:
        self.at(since, "Received" if leg.personality == "Terminator" else "Originated", leg)
        self.at(answer, "Answered", leg)
        self.at(end, "Released", leg)


def answered(play: Play) -> None:
    play.talk(play.leg(play.people[0], redirected_from=LINE))


def missed(play: Play) -> None:
    play.ring_out(play.leg(play.people[0], redirected_from=LINE))


def group_answered(play: Play) -> None:
    """Rings at three telephones, the second takes it."""
    for n, who in enumerate(play.people[:3]):
        leg = play.leg(who)
        if n == 1:
            play.talk(leg)
        else:
            play.ring_out(leg, until=RING)


def group_missed(play: Play) -> None:
    for who in play.people[:3]:
        play.ring_out(play.leg(who))


def hunt(play: Play) -> None:
    """Rings at one telephone after the other until the third takes it."""
    for n, who in enumerate(play.people[:2]):
        play.ring_out(play.leg(who), n * RING_OUT, (n + 1) * RING_OUT)
    last = play.leg(play.people[2])
    play.talk(last, 2 * RING_OUT, 2 * RING_OUT + RING, 2 * RING_OUT + RING + TALK)


def transferred(play: Play) -> None:
    """The second telephone first sees the colleague, then the client."""
    first = play.leg(play.people[0])
    play.at(0, "Received", first)
    play.at(RING, "Answered", first)
    second = play.leg(play.people[1], remote=f"+7{play.people[0].phone}", call_type="Group")
    play.at(20, "Received", second)
    play.at(25, "Transferred", first)
    play.at(25, "Released", first)
    play.at(25, "Updated to the client", second)
    play.at(26, "Answered", second)
    play.at(RING + TALK, "Released", second)


def outgoing(play: Play) -> None:
    play.talk(play.leg(play.people[0], personality="Originator"))


def outgoing_unanswered(play: Play) -> None:
    leg = play.leg(play.people[0], personality="Originator")
    play.at(0, "Originated", leg)
    play.at(RING_OUT, "Released", leg)


def click_to_dial(play: Play) -> None:
    """First names the employee's own number as the other side."""
    who = play.people[0]
    leg = play.leg(who, personality="Click-to-Dial", remote=f"+7{who.phone}")
    play.at(0, "Originated", leg)
    play.at(3, "Updated to the client", leg)
    play.at(RING, "Answered", leg)
    play.at(RING + TALK, "Released", leg)


def internal(play: Play) -> None:
    caller, other = play.people[:2]
    play.talk(play.leg(caller, personality="Originator", remote=f"+7{other.phone}", call_type="Group"))
    play.talk(play.leg(other, remote=f"+7{caller.phone}", call_type="Group"))


def hidden(play: Play) -> None:
    play.client = None
    play.ring_out(play.leg(play.people[0]))


def menu_missed(play: Play) -> None:
    """A menu picks up, then nobody does."""
    menu = play.leg(MENU)
    play.talk(menu, answer=1, end=8)
    play.ring_out(play.leg(play.people[0]), 8, 28)


def menu_answered(play: Play) -> None:
    menu = play.leg(MENU)
    play.talk(menu, answer=1, end=8)
    play.talk(play.leg(play.people[0]), 8, 8 + RING, 8 + RING + TALK)


SCENARIOS: dict[str, tuple[str, Callable[[Play], None]]] = {
    "answered": ("Входящий звонок, ответил первый сотрудник", answered),
    "missed": ("Пропущенный звонок", missed),
    "group_answered": ("Звонок группе из трёх, ответил второй", group_answered),
    "group_missed": ("Звонок группе из трёх, никто не ответил", group_missed),
    "hunt": ("Звонок по очереди, ответил третий", hunt),
    "transferred": ("Перевод разговора на коллегу", transferred),
    "outgoing": ("Исходящий звонок", outgoing),
    "outgoing_unanswered": ("Исходящий без ответа", outgoing_unanswered),
    "click_to_dial": ("Звонок по щелчку из карты", click_to_dial),
    "internal": ("Внутренний звонок", internal),
    "hidden": ("Звонок со скрытого номера", hidden),
    "menu_answered": ("Звонок через голосовое меню", menu_answered),
    "menu_missed": ("Через меню, никто не ответил", menu_missed),
}
"""Titles and plays by name."""
