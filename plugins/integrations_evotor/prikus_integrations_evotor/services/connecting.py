"""«Подключить»: login, group and version are tried without a receipt."""

from __future__ import annotations

import re

import msgspec

from prikus.toolkit import Connected, Context, Invalid, OpenConnection, OutsideFailed
from prikus_fiscal.public import KnownRegister, Vat, know_register
from prikus_integrations_evotor.services import atol
from prikus_integrations_evotor.services.client import BLOCKED, register
from prikus_integrations_evotor.settings import DIGITAL, YES, Settings

NOBODY = "00000000-0000-0000-0000-000000000000"
"""A receipt that nobody has: asking for it proves the group and makes nothing."""
NOT_FOUND = 30
WRONG_GROUP, WRONG_VERSION = 20, 21
READY = "Касса отвечает, группа «{group}», ФФД {ffd}. Чек при проверке не пробивался."
SAID = {
    WRONG_GROUP: ("group", "Этот код группы не относится к этому логину. Проверьте его в кабинете Эвотора."),
    WRONG_VERSION: ("ffd", "Эта касса работает с другой версией ФФД. Выберите другую."),
}
NOT_OFFERED = "Этот способ пока не поддерживается: выберите «Цифровая касса Эвотор»."
LENGTHS = {"login": 100, "password": 100, "email": 64, "place": 256}
TOO_LONG = "Не длиннее {most} знаков."
UNCLEAR = "Касса ответила непонятно (код {status}). Попробуйте позже."


async def connect(outside: Context, connection: OpenConnection[Settings]) -> Connected:
    """Raises `Invalid` beside the field that is wrong, `LoginRefused`, `OutsideFailed`."""
    settings = connection.settings
    check(settings)
    async with register(outside, connection) as evotor:
        await evotor.token()
        answer = await evotor.ask("GET", f"report/{NOBODY}")
    said = atol.read(answer.body)
    code = said.error.code if said and said.error else None
    if code in SAID:
        field, sentence = SAID[code]
        raise Invalid({field: sentence})
    if code == 14:
        raise OutsideFailed(BLOCKED, code=answer.status)
    if code not in (NOT_FOUND, atol.NOT_READY):
        raise OutsideFailed(UNCLEAR.format(status=answer.status), code=answer.status)
    async with outside.unit() as own:
        await know_register(own, _known(connection))
    return Connected(READY.format(group=settings.group, ffd=settings.ffd))


def _known(connection: OpenConnection[Settings]) -> KnownRegister:
    settings = connection.settings
    return KnownRegister(
        connection_id=connection.id,
        kind=connection.kind,
        name=connection.title,
        branch_id=connection.branch_id,
        taxation=settings.taxation,
        vat=msgspec.convert(settings.vat, Vat),
        can_correct=settings.corrections == YES,
    )


def check(settings: Settings) -> None:
    """Raises `Invalid` with all that is wrong at once."""
    wrong = {name: TOO_LONG.format(most=most) for name, most in LENGTHS.items() if len(getattr(settings, name)) > most}
    if settings.way != DIGITAL:
        wrong["way"] = NOT_OFFERED
    if not re.fullmatch(r"\d{10}|\d{12}", settings.inn):
        wrong["inn"] = "ИНН — 10 цифр у организации, 12 у предпринимателя."
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", settings.email):
        wrong["email"] = "Это не похоже на адрес e-mail."
    if not re.fullmatch(r"[\w.-]+", settings.group):
        wrong["group"] = "В коде группы бывают только буквы, цифры, точка, дефис и подчёркивание."
    if re.search(r"\s", settings.login):
        wrong["login"] = "В логине не бывает пробелов."
    if wrong:
        raise Invalid(wrong)
