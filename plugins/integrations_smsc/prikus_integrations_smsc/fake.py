"""smsc.ru as a server of its own, oddities included. The account `clinic-…` has the password `pass-…` of the same end.

Its page `/_control` has a button for each scenario, switches for faults, a line for each message that it sends.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import httpx
import msgspec
from litestar import Litestar, Request, Response, get, post

from prikus.fakes import ControlPage, Dropped
from prikus_messaging.public import count_parts

HOST = "smsc.ru"
PRICE = Decimal("4.60")
FAULTS = {
    "lost": "Ответ потерялся: сообщение принято, связь оборвалась",
    "number": "Номер не принят (ошибка 8)",
    "money": "На счету нет денег (ошибка 3)",
    "often": "Слишком часто (ошибка 9)",
    "blocked": "Доступ закрыт на время (ошибка 4)",
    "plain": "Ответить «ERROR = 4» вместо JSON",
    "twice": "Рассказать о сообщении дважды",
    "early": "Рассказать о сообщении раньше, чем ответить",
}
SCENARIOS = {
    "delivered": ("Все сообщения дошли", 1),
    "undelivered": ("Ни одно сообщение не дошло", 20),
    "late": ("Опоздавшее слово: сообщения у оператора", 0),
}
MAGIC = {"number": (8, "message can't be delivered"), "money": (3, "no money"), "often": (9, "duplicate request")}
Ask = Request[Any, Any, Any]


class Kept(msgspec.Struct):
    """A message that was taken."""

    id: int
    phone: str
    text: str
    parts: int
    status: int = -1

    def said(self) -> dict[str, Any]:
        """Numbers of money as strings, as the service has them."""
        names = {-1: "Ожидает отправки", 0: "Передано оператору", 1: "Доставлено", 20: "Невозможно доставить"}
        err = {"err": 1} if self.status == 20 else {"err": 0}
        cost = str(PRICE * self.parts)
        return {"status": self.status, "id": self.id, "phone": self.phone, "cost": cost, **err} | {
            "status_name": names[self.status],
            "last_timestamp": 1767423609,
        }


class Account:
    """What one login opens. `url` is what somebody has set in the cabinet as the address of words."""

    def __init__(self, login: str, control: ControlPage) -> None:
        self.login, self.control = login, control
        self.url = ""
        self.kept: dict[tuple[int, str], Kept] = {}

    def take(self, id: int, phone: str, text: str) -> Kept:
        """Whoever sends the same number twice pays twice."""
        one = Kept(id, phone, text, count_parts(text).parts)
        self.kept[id, phone] = one
        self.control.did(f"сообщение {id} → +{phone}")
        return one

    async def tell(self, one: Kept, status: int) -> None:
        if not self.url:
            return
        said = {"id": one.id, "phone": one.phone, "status": status, "err": 0, "ts": 1767423609}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            for _ in range(2 if self.control.takes("twice") else 1):
                answer = await client.post(self.url, data=said)
                self.control.sent(f"{one.id}: {status}", answer.status_code)


def refused(code: int, text: str, **more: Any) -> Response[Any]:
    return Response({"error": text, "error_code": code, **more}, status_code=200)


def build() -> Litestar:
    accounts: dict[str, Account] = {}
    control = ControlPage("SMS-Центр", accounts=lambda: {login: login for login in reversed(accounts)})
    for id, title in FAULTS.items():
        control.fault(id, title)

    async def asked(request: Ask) -> tuple[Account | None, dict[str, str]]:
        said = {name: str(value) for name, value in (await request.form()).items()}
        login = said.get("login", "") or said.get("apikey", "").replace("key-", "clinic-", 1)
        known = said.get("psw") == login.replace("clinic-", "pass-", 1) or said.get("apikey", "").startswith("key-")
        if not login.startswith("clinic-") or not known:
            return None, said
        return accounts.setdefault(login, Account(login, control)), said

    def stopped(account: Account | None) -> Response[Any] | None:
        if account is None:
            return refused(2, "authorise error")
        if control.takes("plain"):
            return Response("ERROR = 4 (IP is blocked)", media_type="text/html", status_code=200)
        return refused(4, "IP is blocked") if control.takes("blocked") else None

    @post("/sys/balance.php", status_code=200)
    async def balance(request: Ask) -> Response[Any]:
        account, _ = await asked(request)
        return stopped(account) or Response({"balance": "490.80", "currency": "RUR"})

    @post("/sys/send.php", status_code=200)
    async def send(request: Ask) -> Response[Any]:
        account, said = await asked(request)
        if (answer := stopped(account)) is not None or account is None:
            return answer or refused(2, "authorise error")
        id, phone = int(said["id"]), said["phones"].removeprefix("+")
        for fault, (code, text) in MAGIC.items():
            if control.takes(fault):
                return refused(code, text, id=id)
        # Without `charset` the service reads windows-1251, as it would here.
        text = said["mes"] if said.get("charset") == "utf-8" else said["mes"].encode().decode("cp1251", "replace")
        one = account.take(id, phone, text)
        if control.takes("early"):
            await account.tell(one, 0)
        told = {"id": id, "cnt": one.parts, "cost": str(PRICE * one.parts), "balance": "490.8"}
        return Dropped() if control.takes("lost") else Response(told, status_code=200)

    @post("/sys/status.php", status_code=200)
    async def status(request: Ask) -> Response[Any]:
        account, said = await asked(request)
        if (answer := stopped(account)) is not None or account is None:
            return answer or refused(2, "authorise error")
        pairs = zip(said["id"].split(","), said["phone"].split(","), strict=True)
        found = [_said(account, int(id), phone) for id, phone in pairs if id]
        is_list = "," in said["id"]
        return Response(found if is_list else found[0], status_code=200)

    @get("/sys/cabinet")
    async def set_address(login: str, url: str) -> None:
        """What a person does in the cabinet."""
        accounts[login].url = url

    async def tell(status: int, keeps: bool, account: str) -> None:
        for one in accounts[account].kept.values():
            one.status = status if keeps else one.status
            await accounts[account].tell(one, status)

    for id, (title, status_code) in SCENARIOS.items():
        control.scenario(id, title, account="")(partial(tell, status_code, id != "late"))

    return control.around([balance, send, status, set_address])


def _said(account: Account, id: int, phone: str) -> dict[str, Any]:
    one = account.kept.get((id, phone))
    return one.said() if one else {"id": id, "phone": phone, "status": -3, "err": 0}
