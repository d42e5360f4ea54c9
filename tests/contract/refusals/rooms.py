"""Broken manifests, rooms and hooks."""

from tests.contract.refusals.shape import HOOKSPEC, Case, good, of_manifest, of_room
from tests.contract.refusals.workshop import Draft

MANIFESTS = (
    of_manifest(
        "P001",
        "m_import",
        "prikus_ID:plugin не загружается: ModuleNotFoundError: No module named 'no_such_thing'.",
        text="import no_such_thing  # here\n",
    ),
    Case(
        "P002",
        "prikus_ID:plugin – не prikus.toolkit.Plugin.",
        "__init__.py",
        Draft("m_type", {"__init__.py": "plugin = 1"}, bare=True),
    ),
    of_manifest("P003", "Upper", "id «Upper» не годится в имена адресов и схем.", ",  # here\n"),
    of_manifest("P004", "patients", "id «patients» занят ядром.", ",  # here\n"),
    of_manifest(
        "P005", "m_entry", "id «m_entry» и имя точки входа «m_other» различаются.", ",  # here\n", entry="m_other"
    ),
    of_manifest(
        "P006",
        "m_package",
        "пакет «cups_elsewhere» должен называться «prikus_m_package».",
        ",  # here\n",
        package="cups_elsewhere",
    ),
    of_manifest(
        "P007", "m_api", 'версия контракта api="99" неизвестна, эта система понимает "1".', ', api="99"  # here\n'
    ),
    of_manifest(
        "P008",
        "m_both",
        "«catalog» стоит и в requires, и в enhances.",
        ', requires=("catalog",), enhances=("catalog",)  # here\n',
    ),
    Case(
        "P009",
        "плагин установлен дважды: prikus-m_twice 1.0.0 и second-m_twice 1.0.0.",
        None,
        Draft("m_twice", bare=True),
        (Draft("m_twice", bare=True, distribution="second-m_twice"),),
    ),
    of_manifest("P010", "m_missing", "требует «nowhere», который не установлен.", ', requires=("nowhere",)  # here\n'),
    of_manifest(
        "P011",
        "m_circle",
        "плагины требуют друг друга по кругу: m_circle → m_round → m_circle.",
        ', requires=("m_round",)  # here\n',
        others=(Draft("m_round", more=', requires=("m_circle",)', bare=True),),
    ),
    of_manifest(
        "P012", "m_acts", "в acts названо неизвестное право «core.all.do».", ', acts=("core.all.do",)  # here\n'
    ),
)
ROOMS = (
    of_room(
        "P020",
        "r_import",
        "комната не загружается: ModuleNotFoundError: No module named 'no_such_thing'.",
        "jobs.py",
        "import no_such_thing  # here\n",
    ),
    of_room(
        "P020",
        "r_toolkit",
        "комната не загружается: ImportError: cannot import name 'Nothingness' from 'prikus.toolkit'.",
        "jobs.py",
        "from prikus.toolkit import Nothingness  # here\n",
    ),
    of_room("P020", "r_syntax", "файл не читается: invalid syntax.", "demo.py", "\nasync async  # here\n"),
    of_room("P021", "r_name", "комнаты «listner» нет, есть «listeners».", "listner.py", ""),
    of_room("P022", "r_joining", "комната для «elsewhere», которого нет в enhances.", "with_elsewhere.py", ""),
    of_room("P023", "r_routes", "нет списка routes с обработчиками.", "pages.py", "paths = []\n"),
    of_room(
        "P023",
        "r_right",
        "'cups' в permissions – не Permission.",
        "permissions.py",
        good("permissions.py", ("= (", "= (\n    'cups',  # here\n    ")),
    ),
    of_room(
        "P023",
        "r_event",
        "имя события «Налили» – не слова через точку, как «invoice.issued».",
        "events.py",
        good("events.py", ('"ID.poured"', '"Налили"  # here')),
    ),
    of_room(
        "P023",
        "r_listener",
        "слушатель count – не async def.",
        "listeners.py",
        good("listeners.py", ("async def", "def"), ("@listens(CupPoured)", "@listens(CupPoured)  # here")),
    ),
    of_room(
        "P023",
        "r_cron",
        "«по ночам» – не расписание из пяти полей.",
        "jobs.py",
        good("jobs.py", ('@scheduled("0 3 * * *")', '@scheduled("по ночам")  # here')),
    ),
    of_room("P023", "r_hookspecs", "в hookspecs нет ни одной точки расширения @hookspec.", "hookspecs.py", "x = 1\n"),
)
HOOKS = (
    of_room(
        "P030",
        "h_name",
        "точки расширения «menu_itemz» нет, есть «menu_items».",
        "hooks.py",
        good("hooks.py", ("menu_items", "menu_itemz"), ("@hookimpl", "@hookimpl  # here")),
    ),
    of_room(
        "P031",
        "h_parameter",
        "у точки menu_items нет colour, параметров нет.",
        "hooks.py",
        good("hooks.py", ("items()", "items(colour: str)"), ("@hookimpl", "@hookimpl  # here")),
    ),
    of_room(
        "P032",
        "h_order",
        "menu_items оборачивает других или меняет порядок.",
        "hooks.py",
        good("hooks.py", ("@hookimpl", "@hookimpl  # here")) + '\n\nmenu_items.prikus_impl["tryfirst"] = True\n',
    ),
    of_room(
        "P033",
        "h_kind",
        "menu_items вида describe должна быть обычной функцией.",
        "hooks.py",
        good("hooks.py", ("def menu", "async def menu"), ("@hookimpl", "@hookimpl  # here")),
    ),
    of_room(
        "P034",
        "h_answer",
        "menu_items вернула ['Чашки'], а нужен список MenuItem.",
        "hooks.py",
        'from prikus.toolkit import hookimpl\n\n\n@hookimpl  # here\ndef menu_items():\n    return ["Чашки"]\n',
    ),
    of_room(
        "P034",
        "h_fails",
        "menu_items не отвечает: KeyError: 'чашка'.",
        "hooks.py",
        'from prikus.toolkit import hookimpl\n\n\n@hookimpl  # here\ndef menu_items():\n    return {}["чашка"]\n',
    ),
    of_room(
        "P035",
        "h_untyped",
        "cups_listed вида describe не говорит, список чего она возвращает.",
        "hookspecs.py",
        HOOKSPEC.replace("list[str]", "list").replace("cups_wanted", "cups_listed"),
    ),
    of_room(
        "P035",
        "h_veto",
        "у вето may_pour нет title, или его вид – ask.",
        "hookspecs.py",
        'from prikus.toolkit import hookspec\n\n\n@hookspec("ask", veto=True)  # here\n'
        "async def may_pour() -> str | None: ...\n",
    ),
)
