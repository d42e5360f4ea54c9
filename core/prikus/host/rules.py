"""The rules that every plugin keeps. The start, `prikus plugin check` and the documentation read this one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, NoReturn

import msgspec

from prikus.errors import Misconfigured


class Rule(msgspec.Struct, frozen=True):
    """What must hold (`title`) and what its breaker does about it (`mend`), both full Russian sentences."""

    code: str
    title: str
    mend: str


_LIST = (
    # The manifest.
    Rule("P001", "Манифест загружается.", "Исправьте ошибку в __init__.py плагина или удалите его пакет."),
    Rule("P002", "Точка входа ведёт к манифесту.", "Пусть точка входа указывает на plugin = Plugin(...)."),
    Rule("P003", "id состоит из строчных латинских букв, цифр и подчёркиваний.", "Выберите другой id."),
    Rule("P004", "id не занят ядром.", "Выберите другой id."),
    Rule("P005", "id совпадает с именем точки входа.", "Назовите точку входа в pyproject.toml именем плагина."),
    Rule("P006", "Пакет называется prikus_<id>.", "Переименуйте пакет или id."),
    Rule("P007", "Версия контракта известна системе.", "Установите версию плагина для этой системы или обновите её."),
    Rule("P008", "Плагин назван в requires или в enhances, но не в обоих.", "Оставьте одно."),
    Rule("P009", "Каждый id установлен один раз.", "Удалите один из пакетов."),
    Rule("P010", "Всё, что названо в requires, установлено.", "Установите его или удалите этот плагин."),
    Rule("P011", "Плагины не требуют друг друга по кругу.", "Перенесите одно из требований в enhances."),
    Rule("P012", "Права, названные в acts, объявлены.", "Исправьте код права в манифесте."),
    # The rooms.
    Rule("P020", "Каждая комната загружается.", "Исправьте ошибку или удалите файл."),
    Rule("P021", "Комнаты называются так, как их ищет система.", "Переименуйте файл."),
    Rule("P022", "Комната with_<id> есть только для тех, кто назван в enhances.", "Назовите его в enhances манифеста."),
    Rule("P023", "В комнате стоит то, для чего она предназначена.", "Замените или уберите его."),
    # Hooks.
    Rule("P030", "Каждая реализация отвечает существующей точке расширения.", "Исправьте имя функции."),
    Rule("P031", "Реализация принимает только те параметры, которые есть у точки.", "Уберите лишние параметры."),
    Rule("P032", "Реализация не оборачивает других и не меняет порядок.", "Уберите параметры @hookimpl."),
    Rule("P033", "describe – обычная функция, ask и lifecycle – async def.", "Измените определение функции."),
    Rule(
        "P034", "describe возвращает список описаний того вида, который назвала точка.", "Исправьте то, что возвращает."
    ),
    Rule("P035", "Точка describe называет тип описаний, вето – то, что проверяется.", "Допишите -> list[…] или title."),
    # Doors and owners.
    Rule("P040", "Обработчик не задаёт того, чем можно обойти проверку модуля.", "Уберите этот параметр."),
    Rule("P041", "В routes стоят обработчики и контроллеры Litestar.", "Перечислите в routes сами обработчики."),
    Rule("P042", "Каждый адрес принадлежит ядру или плагину.", "Добавьте обработчик в routes комнаты pages или api."),
    Rule("P043", "Точки, слушатели и задания стоят в своих комнатах.", "Перенесите функцию в её комнату."),
    Rule("P050", "У каждой вещи один владелец.", "Переименуйте одно из двух."),
    # Imports.
    Rule("P060", "Плагин знает ядро только через prikus.toolkit.", "Возьмите нужное из prikus.toolkit."),
    Rule(
        "P061",
        "Из другого плагина берут только public: названного в requires – везде, названного в enhances – в with_<id>.",
        "Назовите его в манифесте и берите нужное из его public.",
    ),
    Rule(
        "P062", "Комната берёт только из комнат, которые стоят раньше неё.", "Перенесите общее в более раннюю комнату."
    ),
    # Rights.
    Rule("P070", "Код права начинается с id плагина: <id>.<предмет>.<действие>.", "Переименуйте право."),
    Rule("P071", "Право, о котором спрашивают, объявлено.", "Объявите его в permissions или исправьте код."),
    Rule("P072", "Спрашивают о правах ядра, своих и тех, кто назван в requires.", "Перенесите вопрос в with_<id>."),
    # Tables.
    Rule("P080", "Таблицы плагина лежат в схеме с его именем.", "Уберите schema: система подставит её сама."),
    Rule("P081", "Первичный ключ таблицы начинается с clinic_id.", "Унаследуйте модель от TenantModel."),
    Rule("P082", "Уникальность начинается с clinic_id.", "Замените на unique(...) из prikus.toolkit."),
    Rule("P083", "Ссылка между таблицами содержит clinic_id.", "Замените на ref(...) из prikus.toolkit."),
    Rule("P084", "Вместо перечислений PostgreSQL – text с CHECK.", "Замените на Text и one_of(...)."),
    Rule(
        "P085",
        "Индекс стоит на типах, которым помогает и при политиках: целые, text, uuid, date, timestamptz, bool, xid8.",
        "Уберите индекс или храните рядом значение такого типа.",
    ),
    Rule("P086", "Представлений нет: они обходят политики.", "Замените представление на Select в public."),
    Rule("P087", "Каждая таблица плагина – TenantModel.", "Унаследуйте модель от TenantModel."),
    Rule("P088", "Ссылка ведёт в таблицу ядра, свою или из requires.", "Исправьте имя или замените на soft_ref(...)."),
)
RULES = {rule.code: rule for rule in _LIST}
WARNINGS = {"W001": Rule("W001", "Не используется то, чему назначен срок.", "Замените до этого выпуска.")}
"""What is told and refuses nobody."""


class Finding(msgspec.Struct, frozen=True):
    """A broken rule: whose, where (`file` begins with the package, `line` counts from 1), and what exactly."""

    plugin: str
    rule: str
    sentence: str
    file: str | None = None
    line: int | None = None

    @property
    def mend(self) -> str:
        return (RULES | WARNINGS)[self.rule].mend

    @property
    def is_warning(self) -> bool:
        return self.rule in WARNINGS

    @property
    def text(self) -> str:
        """One line for a person: where, what, how to mend it, the rule's code."""
        owner = "Ядро" if self.plugin == "core" else f"Плагин «{self.plugin}»"
        line = f":{self.line}" if self.line else ""
        place = f", {self.file}{line}" if self.file else ""
        level = "Предупреждение. " if self.is_warning else ""
        return f"{level}{owner}{place}: {self.sentence} {self.mend} [{self.rule}]"


Report = Callable[[Finding], None]
"""Told each finding. The start gives `refuse`, which stops it; a check collects and goes on."""


class Refused(Misconfigured):
    """Something installed breaks a rule."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def refuse(finding: Finding) -> NoReturn:
    raise Refused(finding)


def plugin_of(module: str) -> str:
    """Whose a module is: `prikus_tea.hooks` → `tea`, `prikus.ui.hooks` → `core`."""
    package = module.split(".", 1)[0]
    return package.removeprefix("prikus_") if package.startswith("prikus_") else "core"


def file_of(module: str, path: str | None) -> str:
    """A module's file as people see it, from the package on: `prikus_tea/pages/cups.py`."""
    parts = module.split(".")
    if path is not None and path.endswith("__init__.py"):
        parts.append("__init__")
    return f"{'/'.join(parts)}.py"


def in_module(rule: str, module: ModuleType, sentence: str, words: str | None = None) -> Finding:
    """A finding in a room; its line is the first that has `words`."""
    path = getattr(module, "__file__", None)
    line = line_with(path, words) if words else None
    return Finding(plugin_of(module.__name__), rule, sentence, file_of(module.__name__, path), line)


def in_function(rule: str, function: Any, sentence: str) -> Finding:
    """A finding at a function's first line; decorators count as part of it."""
    code = getattr(function, "__code__", None)
    path = code.co_filename if code else None
    module = function.__module__
    return Finding(plugin_of(module), rule, sentence, file_of(module, path), code.co_firstlineno if code else None)


def line_with(path: str | None, words: str) -> int | None:
    """The number of the first line that has `words`."""
    if path is None:
        return None
    with open(path, encoding="utf-8") as lines:
        return next((number for number, line in enumerate(lines, 1) if words in line), None)


def rules_table(rules: Iterable[Rule] = _LIST) -> str:
    """The list as the documentation has it."""
    rows = [f"| {rule.code} | {rule.title} | {rule.mend} |" for rule in rules]
    return "\n".join(("| Код | Правило | Что делать |", "|---|---|---|", *rows))
