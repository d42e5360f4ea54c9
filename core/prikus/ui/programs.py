"""What routes for programs share: lists that they follow, words that they note, work that is done once (API-01)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import HeaderParameter, Parameter, QueryParameter
from sqlalchemy import Select, SQLColumnExpression, literal, select, update

from prikus.access.context import Context
from prikus.data.base import Noted, SoftDeleted, TenantModel
from prikus.data.changes import MOST, ChangeSource, read_changes
from prikus.data.labels import merged_metadata
from prikus.errors import NotFound
from prikus.events.models import GoneRow
from prikus.events.numbers import once

LARGEST = 2**63 - 1
RowId = Annotated[int, Parameter(gt=0, le=LARGEST, description="Номер записи.")]
OptionalId = Annotated[int | None, QueryParameter(gt=0, le=LARGEST, description="Номер записи.")]
PressKey = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=8,
        max_length=100,
        description="Один на одно действие: повторённый запрос с тем же ключом не сделает его ещё раз.",
    ),
]
Cursor = Annotated[
    str | None, QueryParameter(max_length=200, description="Курсор прошлого ответа; без него список с начала.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description=f"Сколько строк за раз, до {MOST}.")]
Typed = Annotated[str, QueryParameter(max_length=200, description="Что искать.")]


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a list that programs follow: all else that a subclass has is optional and absent when `deleted`."""

    id: int
    deleted: bool = False


I = TypeVar("I", bound=Followed)  # noqa: E741
T = TypeVar("T", bound=msgspec.Struct)


class Changes(msgspec.Struct, Generic[I], frozen=True):
    """`cursor` is for the next question, `changed_since`; with `has_more` ask at once."""

    items: list[I]
    cursor: str
    has_more: bool


class Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of programs: at most 50 keys, values up to 500 characters; null takes a key away."""

    metadata: dict[str, str | None]


class NotedWords(msgspec.Struct, frozen=True):
    """All that programs noted."""

    metadata: dict[str, str]


class Done(msgspec.Struct, frozen=True):
    """It is done to this one."""

    id: int


class _Press(msgspec.Struct, frozen=True):
    """What a key of idempotency stands for: the same body at another address is another request."""

    address: str
    body: Any


async def follow(
    ctx: Context,
    item: type[I],
    model: type[TenantModel],
    since: str | None,
    limit: int,
    *,
    columns: Mapping[str, Any] | None = None,
    narrowed: Callable[[Select[Any]], Select[Any]] | None = None,
    gone: SQLColumnExpression[bool] | None = None,
    others: Sequence[tuple[ChangeSource, Callable[[Any], I]]] = (),
) -> Changes[I]:
    """Rows of `model` changed after the cursor `since`, oldest change first, with those that are deleted.

    The fields of `item` are columns of the model by name; others are named in `columns` as SQL expressions, for which
    `narrowed` joins. Deleted rows are those with `deleted_at`, those that `followed` noted, and those of which the
    expression `gone` is true: they are not of this list, and who was told of them before is to forget them. `others`
    are further sources with what makes an item of their rows. The index is `index("changed_xid", "id")`. Raises
    `Invalid` beside `changed_since` for a cursor that is strange.
    """
    rows = _rows(item, model, columns or {}, narrowed, gone)
    known: list[tuple[ChangeSource, Callable[[Any], I]]] = [(rows, lambda row: _item(item, row)), *others]
    if model.tells_gone:
        known.append((_gone(model), lambda row: item(id=row.row_id, deleted=True)))
    found = await read_changes(ctx.db, [source for source, _ in known], since, limit)
    return Changes([known[number][1](row) for number, row in found.rows], found.cursor, found.has_more)


def _rows(
    item: type[Followed], model: type[TenantModel], columns: Mapping[str, Any], narrowed: Any, gone: Any
) -> ChangeSource:
    named = [
        columns.get(name, getattr(model, "metadata_" if name == "metadata" else name, None)).label(f"_{name}")
        for name in item.__struct_fields__
        if name != "deleted"
    ]
    deleted = literal(False) if gone is None else gone
    if issubclass(model, SoftDeleted):
        deleted = deleted | model.deleted_at.is_not(None)
    query = select(*named, deleted.label("_deleted")).select_from(model)
    return ChangeSource(narrowed(query) if narrowed else query, model.changed_xid, model.id)


def _gone(model: type[TenantModel]) -> ChangeSource:
    query = select(GoneRow.row_id).where(GoneRow.table_name == str(model.__table__))
    return ChangeSource(query, GoneRow.changed_xid, GoneRow.row_id)


def _item(item: type[I], row: Any) -> I:
    if row._deleted:
        return item(id=row._id, deleted=True)
    return item(**{name: getattr(row, f"_{name}") for name in item.__struct_fields__})


async def read_metadata(ctx: Context, model: type[TenantModel], id: int) -> NotedWords:
    """What programs noted on a row of a `Noted` model. The caller asks for the right. Raises `NotFound`."""
    return NotedWords(await _words(ctx, model, id))


async def note_metadata(ctx: Context, model: type[TenantModel], id: int, given: Metadata) -> NotedWords:
    """Add and take away words of programs on a row of a `Noted` model; other keys stay. The caller asks for the right.

    The version of the row stays: nobody's form is stale by them. Raises `NotFound`, `Invalid`.
    """
    words = merged_metadata(await _words(ctx, model, id, lock=True), given.metadata)
    kept = update(model).where(model.id == id).values(metadata_=words, row_version=0)
    await ctx.db.execute(kept.execution_options(synchronize_session=False))
    return NotedWords(words)


async def _words(ctx: Context, model: type[TenantModel], id: int, *, lock: bool = False) -> dict[str, str]:
    assert issubclass(model, Noted)
    query = ctx.visible(model, model.metadata_).where(model.id == id)
    found = await ctx.db.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound()
    return found


async def pressed_once(
    ctx: Context, key: str, body: msgspec.Struct, outcome: type[T], work: Callable[[], Awaitable[T]]
) -> T:
    """`once` for a route of the API: the address counts as part of the request."""
    return await once(ctx.db, key, _Press(ctx.request.url.path, body), outcome, work)
