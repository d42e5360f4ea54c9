"""Handlers that could pass around the gate, things that nobody owns or two do."""

from tests.contract.refusals.shape import HOOKSPEC, Case, good, of_room
from tests.contract.refusals.workshop import Draft

ROUTE = '@get("/")\n'
CONTROLLER = """\
from litestar import Controller, get


class Base(Controller):
    {} = {}  # here


class Cups(Base):
    path = "/cups"

    @get("/")
    async def cups(self) -> str:
        return "чашки"


routes = [Cups]
"""
TAB = """\
from prikus.toolkit import Tab, hookimpl


@hookimpl  # here
def patient_tabs() -> list[Tab]:
    return [Tab("billing", "Мои", "cup", "/ID/{patient_id}", 1)]
"""
DOORS = (
    *(
        of_room(
            "P040",
            f"d_{option}",
            f"cups задаёт {'opt' if option == 'anything' else option}.",
            "pages.py",
            good("pages.py", (ROUTE, f'@get("/", {option}={value})  # here\n')),
        )
        for option, value in {
            "middleware": "[lambda app: app]",
            "exception_handlers": "{404: lambda request, error: None}",
            "cache": "60",
            "before_request": "lambda request: None",
            "after_request": "lambda response: response",
            "after_response": "lambda request: None",
            "dependencies": '{"other": lambda: 1}',
            "opt": '{"prikus_owners": ("core",)}',
            # Litestar takes an unknown word for an `opt`.
            "anything": "1",
        }.items()
    ),
    *(
        of_room(
            "P040",
            f"d_body_{name}",
            "cups принимает тело запроса любого размера.",
            "pages.py",
            good("pages.py", (ROUTE, f'@get("/", request_max_body_size={value})  # here\n')),
        )
        for name, value in {"unbounded": "None", "huge": "10**10"}.items()
    ),
    of_room(
        "P040",
        "d_request_class",
        "cups задаёт request_class.",
        "pages.py",
        good(
            "pages.py",
            (ROUTE, "class Own(Request): ...\n\n\n@get('/', request_class=Own)  # here\n"),
            ("import get", "import Request, get"),
        ),
    ),
    *(
        of_room("P040", f"d_base_{option}", f"Base задаёт {option}.", "pages.py", CONTROLLER.format(option, value))
        for option, value in {
            "middleware": "[lambda app: app]",
            "dependencies": '{"ctx": lambda: 1}',
            "request_max_body_size": "None",
        }.items()
    ),
    of_room(
        "P040",
        "d_inner",
        "Cups.cups задаёт cache.",
        "pages.py",
        CONTROLLER.format("tags", "()").replace("  # here", "").replace('@get("/")', '@get("/", cache=60)  # here'),
    ),
    of_room(
        "P041",
        "d_router",
        "в routes стоит Router /more.",
        "pages.py",
        good(
            "pages.py",
            ("import get", "import Router, get"),
            ("[cups]", '[Router("/more", route_handlers=[cups])]  # here'),
        ),
    ),
    of_room(
        "P041",
        "d_thing",
        "'cups' в routes – не обработчик Litestar.",
        "pages.py",
        good("pages.py", ("routes = [cups]", 'routes = [cups, "cups"]  # here')),
    ),
    of_room(
        "P041",
        "d_asgi",
        "raw – @asgi, он обходит проверку модуля.",
        "pages.py",
        good(
            "pages.py",
            ("import get", "import asgi, get"),
            (
                "routes = [cups]",
                '@asgi("/raw")  # here\nasync def raw(scope, receive, send) -> None: ...\n\n\nroutes = [cups, raw]',
            ),
        ),
    ),
    of_room(
        "P042",
        "d_unlisted",
        "обработчик stray не стоит в routes, его адрес ничей.",
        "pages.py",
        good(
            "pages.py",
            ("\nroutes", '\n@get("/x")\nasync def stray(ctx: Context) -> str:  # here\n    return "x"\n\n\nroutes'),
        ),
    ),
    of_room(
        "P042",
        "d_service",
        "обработчик stray не стоит в routes, его адрес ничей.",
        "services.py",
        "from litestar import get\n"
        + good("services.py")
        + '\n\n@get("/x")\nasync def stray() -> str:  # here\n    return "x"\n',
    ),
)
OWNERS = (
    *(
        of_room(
            "P043",
            f"o_{mark}",
            f"{what} stray не в своей комнате, её никто не найдёт.",
            "services.py",
            good("services.py", ("import Context", f"import Context, {mark}"))
            + f"\n\n@{mark}{given}\nasync def stray(ctx: Context):  # here\n    return []\n",
        )
        for mark, given, what in (
            ("hookimpl", "", "реализация точки расширения"),
            ("hookspec", '("ask")', "точка расширения"),
            ("listens", '("invoice.issued")', "слушатель"),
            ("job", "", "задание"),
            ("scheduled", '("0 3 * * *")', "задание"),
        )
    ),
    of_room(
        "P050",
        "o_right",
        "право «ID.cup.view» объявлено дважды.",
        "permissions.py",
        "from prikus.toolkit import Permission\n\nA = Permission('ID.cup.view', 'А')  # here\n"
        "permissions = (A, Permission('ID.cup.view', 'Б'))\n",
    ),
    Case(
        "P050",
        "событие «cups.poured» версии 1 объявлено и в prikus_o_event.events.",
        "events.py",
        Draft("o_event2", {"events.py": good("events.py", ('"ID.poured"', '"cups.poured"  # here'))}),
        (Draft("o_event", {"events.py": good("events.py", ('"ID.poured"', '"cups.poured"'))}),),
    ),
    Case(
        "P050",
        "точка расширения «cups_wanted» уже объявлена в prikus_o_hook.hookspecs.",
        "hookspecs.py",
        Draft(
            "o_hook2",
            {"hookspecs.py": HOOKSPEC},
        ),
        (
            Draft(
                "o_hook",
                {"hookspecs.py": HOOKSPEC},
            ),
        ),
    ),
    of_room(
        "P050",
        "o_twice",
        "задание «ID.wash» есть и в prikus_ID.jobs.",
        "api.py",
        good("jobs.py", ('@scheduled("0 3 * * *")', '@scheduled("0 3 * * *")  # here')) + "\nroutes = []\n",
    ),
    of_room(
        "P050",
        "o_address",
        "на GET /ID/cups/{number:int} отвечает и prikus_ID.pages.cups.",
        "pages.py",
        'from litestar import get\n\n\n@get("/cups/{cup:int}")\nasync def cups(cup: int) -> None: ...\n\n\n'
        '@get("/cups/{number:int}")  # here\nasync def other(number: int) -> None: ...\n\n\nroutes = [cups, other]\n',
    ),
    Case(
        "P050",
        "в patient_tabs «billing» уже есть у «billing».",
        "hooks.py",
        Draft(
            "o_tab",
            {"hooks.py": TAB},
        ),
    ),
)
