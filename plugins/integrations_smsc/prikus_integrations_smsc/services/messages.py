"""Connecting, sending, asking: what messaging wants of the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from prikus.toolkit import Conflict, Connected, Context, Invalid, OpenConnection, money
from prikus_integrations_smsc.schemas import Balance, Refusal, StatusSaid, Taken
from prikus_integrations_smsc.services.client import ask
from prikus_integrations_smsc.settings import Settings
from prikus_messaging.public import Message, MessageRef, Outcome

Trouble = Literal["data", "credentials", "money", "busy"]
NOT_FOUND = -3
STATES: Mapping[int, Literal["accepted", "delivered", "failed"]] = {
    -1: "accepted",
    0: "accepted",
    1: "delivered",
    2: "delivered",
    4: "delivered",
    -2: "failed",
    3: "failed",
    **dict.fromkeys(range(20, 26), "failed"),
}
"""What statuses mean; one that we do not know is no end."""
NO_KEY, NO_MONEY, BLOCKED, TOO_OFTEN = 2, 3, 4, 9
REFUSALS: Mapping[int, tuple[Trouble, str]] = {
    NO_KEY: ("credentials", "SMS-Центр не узнаёт логин, пароль или ключ, либо не пускает с этого адреса."),
    NO_MONEY: ("money", "На счету SMS-Центра не хватает денег. Пополните счёт: сообщения уйдут сами."),
    BLOCKED: ("credentials", "SMS-Центр на время закрыл доступ из-за частых ошибок. Проверьте логин и пароль."),
    6: ("data", "SMS-Центр не пропускает этот текст или имя отправителя."),
    7: ("data", "SMS-Центр не понимает этот номер."),
    8: ("data", "На этот номер сообщение доставить нельзя."),
}
REASONS = {
    1: "абонента с таким номером нет",
    6: "абонент не в сети",
    11: "у абонента нет услуги SMS",
    12: "ошибка телефона абонента",
    13: "номер заблокирован",
    21: "услуга SMS не подключена или абонент в роуминге",
}


async def connect(ctx: Context, connection: OpenConnection[Settings]) -> Connected:
    """«Подключить»: what is left on the account. Nothing is sent, nothing is paid."""
    said = await ask(ctx, connection, "balance", Balance, cur=1)
    if not isinstance(said, Refusal):
        return Connected(f"На счету {money(said.balance)}")
    _, sentence = _refusal(said)
    if said.error_code == NO_KEY:
        raise Invalid({"password": sentence})
    raise Conflict(sentence)


async def send(ctx: Context, connection: OpenConnection[Settings], message: Message) -> Outcome:
    """Our number is theirs: of a message whose answer was lost it tells whether they have it."""
    more = {"sender": connection.settings.sender} if connection.settings.sender else {}
    said = await ask(
        ctx, connection, "send", Taken, phones=message.address, mes=message.text, id=message.id, cost=3, **more
    )
    if not isinstance(said, Refusal):
        return Outcome(state="accepted", external_id=str(said.id), parts=said.cnt, cost=said.cost)
    if said.error_code == TOO_OFTEN:  # so they answer a repetition, too
        return Outcome(state="unknown", sentence="SMS-Центр просит отправлять реже.")
    trouble, sentence = _refusal(said)
    return Outcome(state="refused", trouble=trouble, sentence=sentence)


async def status(
    ctx: Context, connection: OpenConnection[Settings], refs: Sequence[MessageRef]
) -> Mapping[int, Outcome]:
    """A comma behind the last number makes a list of one, too."""
    phones = "".join(f"{ref.address.removeprefix('+')}," for ref in refs)
    ids = "".join(f"{ref.id}," for ref in refs)
    said = await ask(ctx, connection, "status", list[StatusSaid], phone=phones, id=ids, all=1)
    if isinstance(said, Refusal):
        raise Conflict(_refusal(said)[1])
    return {one.id: outcome_of(one) for one in said if one.id is not None}


def outcome_of(said: StatusSaid) -> Outcome:
    """In messaging's words."""
    if said.status == NOT_FOUND:
        return Outcome(state="absent")
    state = STATES.get(said.status, "accepted")
    reason = REASONS.get(said.err) or (f"код {said.err}" if said.err else said.status_name)
    sentence = f"Не доставлено: {reason}." if state == "failed" and reason else None
    return Outcome(state=state, cost=said.cost, sentence=sentence)


def _refusal(said: Refusal) -> tuple[Trouble, str]:
    unknown: tuple[Trouble, str] = ("busy", f"SMS-Центр ответил ошибкой {said.error_code}: {said.error}.")
    return REFUSALS.get(said.error_code, unknown)
