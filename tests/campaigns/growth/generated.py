"""Plugins made in numbers: each contributes to every extension point that there is, and keeps the contract."""

from __future__ import annotations

import textwrap
from pathlib import Path

ROOMS = {
    "__init__.py": """
        from prikus.toolkit import Plugin

        plugin = Plugin(id="@id", title="Модуль @id", summary="Для пробы", version="1.0.0", acts=("@id.thing.view",))
    """,
    "permissions.py": """
        from prikus.toolkit import Permission

        permissions = (Permission("@id.thing.view", "@id: просмотр", ("director", "administrator")),)
    """,
    "models.py": """
        from sqlalchemy import Text
        from sqlalchemy.orm import Mapped, mapped_column

        from prikus.toolkit import ALIVE, SoftDeleted, TenantModel, ref, unique


        class Thing(TenantModel, SoftDeleted):
            __table_args__ = (unique("name", where=ALIVE),)
            name: Mapped[str] = mapped_column(Text)
            patient_id: Mapped[int | None] = ref("core.patient", optional=True)
    """,
    "listeners.py": """
        from sqlalchemy import insert

        from prikus.toolkit import Context, PatientFact, listens
        from prikus_@id.models import Thing


        @listens("*")
        async def note(ctx: Context, event: PatientFact) -> None:
            await ctx.db.execute(insert(Thing).values(name=f"{event.name} {event.patient_id} {id(event)}"))
    """,
    "jobs.py": """
        from prikus.toolkit import Context, Nothing, job, scheduled


        @job
        async def on_enable(ctx: Context, payload: Nothing) -> None:
            await ctx.audit("@id.on", "plugin", None, "Модуль включён")


        @scheduled("0 6 * * *")
        async def tidy(ctx: Context) -> None:
            await ctx.audit("@id.tidied", "plugin", None, "Прибрано")
    """,
    "hooks.py": """
        from prikus.toolkit import CardAction, FeedKind, MenuItem, SlotItem, Tab, TrashSection, hookimpl
        from prikus_@id.models import Thing

        RIGHT = "@id.thing.view"


        @hookimpl
        def menu_items() -> list[MenuItem]:
            return [MenuItem("Модуль @id", "puzzle", "/@id/things", 500, RIGHT)]


        @hookimpl
        def patient_tabs() -> list[Tab]:
            return [Tab("@id", "@id", "puzzle", "/@id/patients/{patient_id}", 500, RIGHT)]


        @hookimpl
        def card_actions() -> list[CardAction]:
            return [CardAction("@id", "@id", "puzzle", "/@id/patients/{patient_id}", 500, RIGHT)]


        @hookimpl
        def card_boxes() -> list[SlotItem]:
            return [SlotItem("@id", "@id", "puzzle", "/@id/patients/{patient_id}", 500, RIGHT)]


        @hookimpl
        def card_figures() -> list[SlotItem]:
            return [SlotItem("@id", "@id", "puzzle", "/@id/patients/{patient_id}", 500, RIGHT)]


        @hookimpl
        def feed_kinds() -> list[FeedKind]:
            return [FeedKind("@id", "@id", ("@id",))]


        @hookimpl
        def trash_sections() -> list[TrashSection]:
            return [TrashSection("@id", "@id", Thing, Thing.name, RIGHT, 500)]
    """,
    "pages.py": """
        from litestar import get

        from prikus.toolkit import Context
        from prikus_@id.models import Thing


        @get("/things")
        async def things(ctx: Context) -> list[str]:
            ctx.require("@id.thing.view")
            return list(await ctx.db.scalars(ctx.visible(Thing, Thing.name).order_by(Thing.id).limit(50)))


        @get("/patients/{patient_id:int}")
        async def of_patient(ctx: Context, patient_id: int) -> list[str]:
            ctx.require("@id.thing.view")
            mine = ctx.visible(Thing, Thing.name).where(Thing.patient_id == patient_id)
            return list(await ctx.db.scalars(mine.limit(50)))


        routes = [things, of_patient]
    """,
    "migrations/0001_first_tables.py": """
        import sqlalchemy as sa
        from alembic import op

        from prikus.toolkit import tenant_columns

        revision = "@id_0001"
        down_revision = None
        branch_labels = None
        depends_on = None


        def upgrade() -> None:
            op.create_table(
                "thing",
                *tenant_columns(),
                sa.Column("name", sa.Text(), nullable=False),
                sa.Column("patient_id", sa.BigInteger(), nullable=True),
                sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
                sa.Column("deleted_by_kind", sa.Text(), nullable=True),
                sa.Column("deleted_by_id", sa.BigInteger(), nullable=True),
                sa.ForeignKeyConstraint(
                    ["clinic_id", "patient_id"],
                    ["core.patient.clinic_id", "core.patient.id"],
                    ondelete="SET NULL (patient_id)",
                ),
                sa.PrimaryKeyConstraint("clinic_id", "id"),
                schema="@id",
            )
            op.create_index(
                "thing_name_key",
                "thing",
                ["clinic_id", "name"],
                unique=True,
                schema="@id",
                postgresql_where=sa.text("deleted_at is null"),
            )


        def downgrade() -> None:
            op.drop_table("thing", schema="@id")
    """,
}


def ids(number: int) -> list[str]:
    return [f"extra{n:02d}" for n in range(1, number + 1)]


def write_plugins(folder: Path, number: int) -> Path:
    """Put that many installed distributions into the folder; a process with it in PYTHONPATH has them."""
    for id in ids(number):
        for name, source in ROOMS.items():
            path = folder / f"prikus_{id}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(source).strip().replace("@id", id) + "\n", "utf-8")
        about = folder / f"prikus_{id}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: prikus-{id}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[prikus.plugins]\n{id} = prikus_{id}:plugin\n")
    return folder
