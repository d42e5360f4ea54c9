"""Wrong imports, rights and tables."""

from tests.contract.refusals.shape import good, of_room
from tests.contract.refusals.workshop import GOOD

MIGRATION = GOOD["migrations/0001_cups.py"]
BARE_TABLE = """\
from sqlalchemy import BigInteger, Column, Table

from prikus.toolkit import TenantModel

{}
"""


def model(body: str, imports: str = "from sqlalchemy import Text") -> str:
    return (
        f"{imports}\nfrom sqlalchemy.orm import Mapped, mapped_column\n\n"
        f"from prikus.toolkit import TenantModel, index, ref, unique\n\n\nclass Cup(TenantModel):\n{body}\n"
    )


IMPORTS = (
    of_room(
        "P060",
        "i_core",
        "импортируется prikus.data.session.",
        "services.py",
        "from prikus.data.session import ClinicSession  # here\n" + GOOD["services.py"],
    ),
    of_room(
        "P060",
        "i_late",
        "импортируется prikus.access.models.",
        "services.py",
        good(
            "services.py",
            ("    ctx", "    from prikus.access.models import Account  # here\n\n    assert Account\n    ctx"),
        ),
    ),
    of_room(
        "P060",
        "i_dynamic",
        "импортируется prikus.config.",
        "services.py",
        "import importlib\n\n"
        + GOOD["services.py"]
        + '\n\nCONFIG = importlib.import_module("prikus.config")  # here\n',
    ),
    of_room(
        "P060",
        "i_testing",
        "импортируется prikus.testing.",
        "demo.py",
        "from prikus import testing  # here\n",
    ),
    of_room(
        "P061",
        "i_unnamed",
        "импортируется prikus_catalog.public.",
        "services.py",
        "from prikus_catalog.public import price_of  # here\n" + GOOD["services.py"],
    ),
    of_room(
        "P061",
        "i_private",
        "импортируется prikus_catalog.services.",
        "services.py",
        "from prikus_catalog.services import add_service  # here\n" + GOOD["services.py"],
        more=', requires=("catalog",)',
    ),
    of_room(
        "P061",
        "i_enhanced",
        "импортируется prikus_catalog.public.",
        "services.py",
        "from prikus_catalog import public  # here\n" + GOOD["services.py"],
        more=', enhances=("catalog",)',
    ),
    of_room(
        "P062",
        "i_order",
        "комната models импортирует комнату services.",
        "models.py",
        good("models.py") + "\n\nfrom .services import pour  # here\n",
    ),
)
RIGHTS = (
    of_room(
        "P070",
        "q_prefix",
        "право «core.cup.view» начинается не с «ID.».",
        "permissions.py",
        good("permissions.py", ("= (", "= (\n    Permission('core.cup.view', 'Чужие чашки'),  # here\n    ")),
    ),
    of_room(
        "P071",
        "q_service",
        "право «ID.cup.viev» нигде не объявлено.",
        "services.py",
        good("services.py", ('"ID.cup.view")', '"ID.cup.viev")  # here')),
    ),
    of_room(
        "P071",
        "q_hook",
        "menu_items называет право «ID.tea.view», которого никто не объявил.",
        "hooks.py",
        good(
            "hooks.py",
            ('right="ID.cup.view"', 'right="".join(("ID", ".tea.view"))'),
            ("@hookimpl", "@hookimpl  # here"),
        ),
    ),
    of_room(
        "P071",
        "q_template",
        "право «ID.cup.wiew» нигде не объявлено.",
        "templates/ID/cups.html",
        "<p>\n{% if can('ID.cup.wiew') %}{# here #}чашки{% endif %}\n</p>\n",
    ),
    of_room(
        "P072",
        "q_foreign",
        "право «catalog.service.view» объявлено плагином «catalog», которого нет в requires.",
        "services.py",
        good("services.py", ('"ID.cup.view")', '"catalog.service.view")  # here')),
    ),
)
TABLES = (
    of_room(
        "P080",
        "t_schema",
        "таблица ID_own.cup лежит не в схеме «ID».",
        "models.py",
        BARE_TABLE.format(
            'cups = Table(  # here\n    "cup", TenantModel.metadata, Column("clinic_id", BigInteger, primary_key=True),'
            '\n    Column("row_version", BigInteger), schema="ID_own"\n)'
        ),
    ),
    of_room(
        "P081",
        "t_key",
        "первичный ключ таблицы ID.cup начинается не с clinic_id.",
        "models.py",
        BARE_TABLE.format(
            'cups = Table("cup", TenantModel.metadata, Column("id", BigInteger, primary_key=True), schema="ID")  # here'
        ),
    ),
    of_room(
        "P082",
        "t_unique",
        "уникальность (name) таблицы ID.cup не внутри клиники.",
        "models.py",
        model("    name: Mapped[str] = mapped_column(Text, unique=True)  # here"),
    ),
    of_room(
        "P082",
        "t_exclude",
        "уникальность (name) таблицы ID.cup не внутри клиники.",
        "models.py",
        model(
            '    __table_args__ = (ExcludeConstraint(("name", "="), name="cup_taken"),)\n'
            "    name: Mapped[str] = mapped_column(Text)  # here",
            "from sqlalchemy import Text\nfrom sqlalchemy.dialects.postgresql import ExcludeConstraint",
        ),
    ),
    of_room(
        "P083",
        "t_foreign",
        "ссылка (patient_id) таблицы ID.cup не содержит clinic_id.",
        "models.py",
        model(
            '    patient_id: Mapped[int] = mapped_column(ForeignKey("core.patient.id"))  # here',
            "from sqlalchemy import ForeignKey",
        ),
    ),
    of_room(
        "P084",
        "t_enum",
        "столбец ID.cup.size – перечисление PostgreSQL.",
        "models.py",
        model(
            '    size: Mapped[str] = mapped_column(Enum("s", "l", name="size"))  # here', "from sqlalchemy import Enum"
        ),
    ),
    of_room(
        "P084",
        "t_enum_migration",
        "миграция создаёт перечисление PostgreSQL.",
        "migrations/0001_cups.py",
        "import sqlalchemy as sa\n"
        + MIGRATION.replace('op.execute("select 1")', 'sa.Enum("s", "l", name="size").create(op.get_bind())  # here'),
    ),
    *(
        of_room(
            "P085",
            f"t_index_{kind.lower()}",
            f"индекс cup_size_idx стоит на ID.cup.size типа {kind}.",
            "models.py",
            model(
                f'    __table_args__ = (index("size"),)\n    size: Mapped[object] = mapped_column({given})  # here',
                imports,
            ),
        )
        for kind, given, imports in (
            ("Money", "Money", "from prikus.toolkit import Money"),
            ("JSONB", "JSONB", "from sqlalchemy.dialects.postgresql import JSONB"),
            ("ARRAY", "ARRAY(Text)", "from sqlalchemy import ARRAY, Text"),
            ("TSTZRANGE", "TSTZRANGE", "from sqlalchemy.dialects.postgresql import TSTZRANGE"),
        )
    ),
    of_room(
        "P085",
        "t_index_lower",
        "индекс cup_lower таблицы ID.cup стоит на выражении lower(name).",
        "models.py",
        model(
            '    __table_args__ = (Index("cup_lower", "clinic_id", text("lower(name)")),)\n'
            "    name: Mapped[str] = mapped_column(Text)",
            "from sqlalchemy import Index, Text, text",
        ).replace("class Cup(TenantModel):", "class Cup(TenantModel):  # here"),
    ),
    of_room(
        "P085",
        "t_index_gin",
        "индекс cup_gin таблицы ID.cup – gin, а не b-tree.",
        "models.py",
        model(
            '    __table_args__ = (Index("cup_gin", "clinic_id", "name", postgresql_using="gin"),)\n'
            "    name: Mapped[str] = mapped_column(Text)",
            "from sqlalchemy import Index, Text",
        ).replace("class Cup(TenantModel):", "class Cup(TenantModel):  # here"),
    ),
    of_room(
        "P086",
        "t_view",
        "создаётся представление ID.all_cups.",
        "migrations/0001_cups.py",
        MIGRATION.replace("select 1", "create or replace view ID.all_cups as select 1").replace('1")', '1")  # here'),
    ),
    of_room(
        "P086",
        "t_view_sql",
        "создаётся представление ID.all_cups.",
        "migrations/cups.sql",
        "select 1;\ncreate materialized view ID.all_cups as select 1; -- here\n",
    ),
    of_room(
        "P087",
        "t_loose",
        "таблица ID.cup – не TenantModel, у неё не будет политики.",
        "models.py",
        BARE_TABLE.format(
            'cups = Table(  # here\n    "cup", TenantModel.metadata, Column("clinic_id", BigInteger, primary_key=True),'
            ' schema="ID"\n)'
        ),
    ),
    of_room(
        "P088",
        "t_unknown",
        "ссылка таблицы ID.cup ведёт в core.patiant.",
        "models.py",
        model('    patient_id: Mapped[int] = ref("core.patiant")  # here'),
    ),
    of_room(
        "P088",
        "t_stranger",
        "ссылка таблицы ID.cup ведёт в catalog.service.",
        "models.py",
        model('    service_id: Mapped[int] = ref("catalog.service")  # here'),
    ),
)
