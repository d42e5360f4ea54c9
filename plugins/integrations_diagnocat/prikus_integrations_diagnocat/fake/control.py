"""What the fake remembers of all accounts, and the page from which it is made to act and misbehave."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotAuthorizedException

from prikus.fakes import ControlPage, Dropped
from prikus_integrations_diagnocat.fake import body
from prikus_integrations_diagnocat.fake.account import Account

FAULTS = {
    "lost": "Ответ потерялся: сделано, а связь оборвалась",
    "vanished": "Запрос потерялся: ничего не сделано, связь оборвалась",
    "no_uid": "Номера нет: сделано, а uid пуст",
    "no_uids": "В списке анализов uid пусты",
    "lost_session": "Ответ потерялся: загрузка открыта",
    "lost_close": "Ответ потерялся: загрузка закрывается",
    "vanished_close": "Запрос потерялся: загрузка не закрыта",
    "lost_file": "Ответ потерялся: файл дошёл",
    "password": "Пароль не подходит",
    "refused": "Нет доступа к API (403)",
    "money": "Анализы не оплачены (402)",
    "old": "Списка участников нет (404)",
    "dates": "Не принять даты и пол (422)",
    "ok": "Загрузка: ok=false и код 200",
    "slow_file": "Файл не доходит: ответа нет",
    "expired": "Адрес для файла просрочен (403)",
    "elsewhere": "Просить файл на чужой адрес",
    "closing": "Ещё закрывать загрузку",
    "unfit": "Снимок не подходит: ошибка загрузки",
    "error": "Анализ не удался: ошибка объектом",
    "error_text": "Анализ не удался: ошибка строкой",
    "never": "Анализ не кончается",
    "empty": "Находок нет, пока не выбраны зубы",
    "plural": "Поле sites вместо site",
    "diagnoses": "Находки не отдаются (500)",
    "no_diagnoses": "Находок ещё нет (404)",
    "unfiltered": "Отдать всех пациентов, а не одного",
    "nameless": "Отдать исследования без названий",
}
Ask = Request[Any, Any, Any]


class Service:
    """Accounts by login, made when first asked for."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.control = ControlPage("Diagnocat", accounts=lambda: {login: login for login in reversed(self.accounts)})
        for id, title in FAULTS.items():
            self.control.fault(id, title)
        _add_scenarios(self)

    def account(self, login: str) -> Account | None:
        if not login.startswith("clinic-"):
            return None
        return self.accounts.setdefault(login, Account(login))

    def mine(self, request: Ask) -> Account:
        """Whose token or key it is."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token.startswith("key-"):
            self.account(token.replace("key-", "clinic-", 1))
        for account in self.accounts.values():
            if account.knows(token):
                return account
        raise NotAuthorizedException("Could not validate credentials")

    async def heard(self, request: Ask) -> dict[str, Any]:
        """A body, which is remembered as it came."""
        said = await request.json()
        self.mine(request).received.append(repr(said).encode())
        return dict(said)

    def refusal(self, *, makes: bool = False) -> Response[Any] | None:
        """What keeps a request from being done; `makes` is said of one that makes something."""
        if self.control.takes("refused"):
            return Response({"detail": "Partner API is disabled"}, status_code=403)
        if makes and self.control.takes("money"):
            return Response({"error": {"message": "анализы закончились"}}, status_code=402)
        if makes and self.control.takes("vanished"):
            return Dropped()
        return None

    def unreadable(self, said: dict[str, Any], *names: str) -> Response[Any] | None:
        """Fields whose form it does not understand."""
        wrong = [name for name in names if name in said] if self.control.left("dates") else []
        if not wrong:
            return None
        self.control.takes("dates")
        return Response({"detail": [{"loc": ["body", wrong[0]], "msg": "invalid value"}]}, status_code=422)


def _add_scenarios(service: Service) -> None:
    control, accounts = service.control, service.accounts

    @control.scenario("teeth", "На сайте выбрали зубы", account="")
    async def choose_teeth(account: str) -> None:
        for one in accounts[account].analyses.values():
            one.fault, one.found = "", body.chosen()

    @control.scenario("unchoose", "На сайте сняли выбор зубов", account="")
    async def unchoose_teeth(account: str) -> None:
        for one in accounts[account].analyses.values():
            one.fault = "empty"

    @control.scenario("finish", "Закончить все анализы", account="")
    async def finish(account: str) -> None:
        for one in accounts[account].analyses.values():
            one.fault, one.looks = "", 0

    @control.scenario("expire", "Срок входа истёк", account="")
    async def expire(account: str) -> None:
        accounts[account].tokens.clear()

    @control.scenario("die", "Загрузки без вестей умерли", account="")
    async def die(account: str) -> None:
        for one in accounts[account].sessions.values():
            one.heard_at = float("-inf")

    @control.scenario("count", "Сколько анализов начато", account="")
    async def count(account: str) -> str:
        return str(len(accounts[account].analyses))

    @control.scenario("patients", "Сколько пациентов заведено", account="")
    async def patients(account: str) -> str:
        return str(len(accounts[account].patients))

    @control.scenario("seek", "Есть ли эти слова в том, что пришло", account="", text="")
    async def seek(account: str, text: str) -> str:
        return "есть" if any(text.encode() in part for part in accounts[account].received) else "нет"
