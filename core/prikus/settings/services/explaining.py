"""Why a door is closed, in sentences that name the mend (SET-08, contract 3)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from prikus.access.visits import SWITCH, Visit
from prikus.clinics.state import ClinicState
from prikus.host.system import System
from prikus.ui.problems import Explanation

MODULES = "/settings/modules"


class Mend(NamedTuple):
    """Who can open the door again, and where they do it."""

    sentence: str
    href: str | None


def explain(system: System, visit: Visit, owners: tuple[str, ...], support: str = "") -> Explanation:
    """The reason that stands first: the clinic is suspended, a module is off, the term is over."""
    clinic = visit.clinic
    if clinic.mode == "suspended":
        return _suspended(visit, support)
    missing = next((owner for owner in owners if owner not in clinic.effective), None)
    if missing is None:
        return read_only(visit, support)
    if missing not in system.plugins:
        reason = f"Модуль «{missing}» входит в тариф «{clinic.plan_title}», но на сервере его нет."
        return Explanation("not_installed", "Модуль не установлен", reason, f"Его ставит {_operator(support)}.")
    return _off(system, visit, missing, support)


def _off(system: System, visit: Visit, plugin_id: str, support: str) -> Explanation:
    clinic, title = visit.clinic, system.plugins[plugin_id].title
    off = f"Модуль «{title}» выключен"
    if plugin_id not in clinic.entitled:
        return _not_in_plan(visit, title, f"Он не входит в тариф «{clinic.plan_title}».", support)
    need = next((p for p in system.plugins[plugin_id].requires if p not in clinic.effective), None)
    if need is not None and need not in clinic.entitled:
        reason = f"Он работает вместе с «{system.plugins[need].title}», а тот не входит в тариф «{clinic.plan_title}»."
        return _not_in_plan(visit, title, reason, support, kind="requirement_not_in_plan")
    if need is not None:
        reason = f"Он работает вместе с модулем «{system.plugins[need].title}», а тот выключен."
        return _with(Explanation("requirement_off", off, reason, ""), _switching(visit, "Включить его"))
    switch = clinic.switches.get(plugin_id)
    if switch is None:
        reason = "В вашей клинике его ещё не включали."
        return _with(Explanation("never_switched_on", off, reason, ""), _switching(visit, "Включить его"))
    by = f" ({switch.by_name})" if switch.by_name else ""
    reason = f"Выключен {_moment(clinic, switch.at)}{by}. Данные сохранены."
    return _with(Explanation("switched_off", off, reason, ""), _switching(visit, "Включить его"))


def _not_in_plan(visit: Visit, title: str, reason: str, support: str, *, kind: str = "not_in_plan") -> Explanation:
    closed = Explanation(kind, f"Модуль «{title}» не подключён", reason, "")
    if visit.can(SWITCH):
        return _with(closed, Mend(f"Тариф меняет {_operator(support)}.", MODULES))
    return _with(closed, _switching(visit, "Договориться о тарифе"))


def read_only(visit: Visit, support: str = "") -> Explanation:
    """Why nothing can be changed: the term and the grace are over."""
    ended = visit.clinic.ends_on
    reason = f"Подписка закончилась {ended:%d.%m.%Y}: данные можно смотреть и печатать, но не менять."
    mend = (
        f"Продлить её может {_operator(support)}." if visit.can(SWITCH) else _switching(visit, "Продлить её").sentence
    )
    return Explanation("read_only", "Сейчас можно только смотреть", reason, mend)


def _suspended(visit: Visit, support: str) -> Explanation:
    reason = f"Оператор системы приостановил работу клиники «{visit.clinic.name}». Данные сохранены."
    mend = f"Возобновить её может {_operator(support)}."
    if not visit.can(SWITCH):
        mend = _switching(visit, "Узнать причину у оператора").sentence
    return Explanation("suspended", "Работа клиники приостановлена", reason, mend)


def _switching(visit: Visit, what: str) -> Mend:
    """Who in the clinic may do it: the person themselves, people by name, or the head by role."""
    if visit.can(SWITCH):
        return Mend(f"{what} можете вы: раздел «Модули» в настройках.", MODULES)
    if not visit.heads:
        return Mend(f"{what} может руководитель клиники.", None)
    return Mend(f"{what} {'может' if len(visit.heads) == 1 else 'могут'} {', '.join(visit.heads)}.", None)


def _with(closed: Explanation, mend: Mend) -> Explanation:
    return Explanation(closed.kind, closed.title, closed.reason, mend.sentence, mend.href)


def _operator(support: str) -> str:
    return f"оператор системы ({support})" if support else "оператор системы"


def _moment(clinic: ClinicState, at: dt.datetime) -> str:
    return at.astimezone(clinic.zone).strftime("%d.%m.%Y в %H:%M")
