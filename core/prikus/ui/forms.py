"""Reading forms into structs. Every mistake becomes a sentence beside its field, and nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import phonenumbers
from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from prikus.errors import STALE, Invalid, Stale
from prikus.ui.parts import STRANGE_SIGN, read_parts

S = TypeVar("S", bound=msgspec.Struct)
LONGEST = 20_000
IGNORED = frozenset({"csrf_token", "idempotency_key"})
NEEDED = "Заполните это поле."
CHOOSE = "Выберите файл."
TOO_LARGE = "Файл слишком большой."
MOST_FILES = 20
"""That one field for several files takes."""


async def read_form(request: Request[Any, Any, Any], into: type[S]) -> S:
    """The posted form as a struct. Raises `Invalid` with one sentence for each field that does not fit.

    Blank means absent: optional fields become None (or their default), required ones are asked for. Lists take
    repeated fields, booleans a ticked box. Sums accept «1 234,50», dates `2026-11-24`, times `09:30`. A field of type
    `UploadFile` (Litestar's) takes a chosen file, a list of them up to `MOST_FILES`; ask for the right before, since
    the body is read here.
    """
    files = files_of(into)
    try:
        await read_parts(request, files)
        form = await request.form()
    except RequestEntityTooLarge:
        if files:
            raise Invalid(dict.fromkeys(files, TOO_LARGE)) from None
        raise
    return convert_form(form, into)


async def bound_data(request: Request[Any, Any, Any]) -> None:
    """Read a handler's `data: MultipartBody[…]` within the bounds of forms, before Litestar reads it without any."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        return
    data = request.route_handler.parsed_fn_signature.parameters.get("data")
    if data is not None and data.is_subclass_of(msgspec.Struct):
        await read_parts(request, files_of(data.annotation))


def files_of(kind: type[msgspec.Struct]) -> dict[str, int]:
    """How many files each field for files takes."""
    return {name: _most_files(hint) for name, (hint, _) in _fields(kind).items() if _is_upload(hint)}


def convert_form(form: FormMultiDict, into: type[S]) -> S:
    """The same for a form that was read already."""
    fields = _fields(into)
    values: dict[str, Any] = {}
    mistakes: dict[str, str] = {}
    if strange := {name for name in form if name not in fields and name not in IGNORED}:
        raise Invalid({}, f"Форма содержит неизвестные поля: {', '.join(sorted(strange))}.")
    for name, (hint, needed) in fields.items():
        try:
            found = _read(form, name, hint, needed)
        except ValueError as error:
            mistakes[name] = str(error)
            continue
        if found is not _ABSENT:
            values[name] = found
    if mistakes:
        raise Invalid(mistakes)
    return into(**values)


async def key_of(request: Request[Any, Any, Any]) -> str:
    """The key that the posted form was drawn with, for `once`."""
    return str((await request.form()).get("idempotency_key") or "")


def filter_day(text: str) -> dt.date | None:
    """A day of a filter, `2026-11-24`; what is no day is as good as none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[Any, bool]]:
    """The type of each field and whether it is required; finding out takes longer than reading a form."""
    hints = get_type_hints(kind)
    return {field.name: (hints[field.name], field.required) for field in msgspec.structs.fields(kind)}


def checked_body(data: S) -> S:
    """A JSON body held to what forms are held to: texts are stripped, blank ones absent, required ones asked for, sums
    have two digits after the comma.

    Raises `Invalid` with one sentence for each field that does not fit; inside others it is named by its path,
    `lines[0].price`.
    """
    mistakes: dict[str, str] = {}
    held = _held_struct(data, "", mistakes)
    if mistakes:
        raise Invalid(mistakes)
    return held


def _held_struct(data: S, path: str, mistakes: dict[str, str]) -> S:
    held = {
        name: _held(getattr(data, name), hint, f"{path}{name}", mistakes)
        for name, (hint, _) in _fields(type(data)).items()
    }
    return msgspec.structs.replace(data, **held)


def _held(value: Any, hint: Any, place: str, mistakes: dict[str, str]) -> Any:
    kind, optional = _plain(hint)
    if isinstance(value, msgspec.Struct):
        return _held_struct(value, f"{place}.", mistakes)
    if isinstance(value, list | tuple):
        item = (get_args(kind) or (Any,))[0]
        return type(value)(_held(one, item, f"{place}[{n}]", mistakes) for n, one in enumerate(value))
    try:
        if isinstance(value, Decimal):
            return read_money(str(value))
        return _held_text(value, optional) if isinstance(value, str) else value
    except ValueError as error:
        mistakes[place] = str(error)
        return value


def _held_text(value: str, optional: bool) -> str | None:
    text = value.strip()
    if "\0" in text:
        raise ValueError(STRANGE_SIGN)
    if len(text) > LONGEST:
        raise ValueError(f"Слишком длинно: не больше {LONGEST} знаков.")
    if not text and not optional:
        raise ValueError(NEEDED)
    return text or None if optional else text


def stale(
    typed: msgspec.Struct | Mapping[str, object], current: object, row_version: int, sentence: str = STALE
) -> Stale:
    """What to raise when a form was shown before somebody else saved.

    `current` is the row, or a mapping by the form's fields; fields that it does not have are not compared.
    """
    words = {}
    for name, value in (typed if isinstance(typed, Mapping) else msgspec.structs.asdict(typed)).items():
        now = current.get(name, _ABSENT) if isinstance(current, Mapping) else getattr(current, name, _ABSENT)
        if name != "row_version" and now is not _ABSENT and (now or None) != (value or None):
            words[name] = _stands(name, now)
    return Stale(words, row_version, sentence)


def _stands(name: str, value: object) -> str:
    if name.endswith("_id") or isinstance(value, list | tuple):
        return "Сейчас здесь выбрано другое."
    if isinstance(value, bool):
        return f"Сейчас: {'да' if value else 'нет'}."
    if isinstance(value, dt.time):
        value = f"{value:%H:%M}"
    if isinstance(value, dt.date):
        value = f"{value:%d.%m.%Y}"
    return "Сейчас здесь пусто." if value in (None, "") else f"Сейчас: «{value}»."


_ABSENT = object()


def _read(form: FormMultiDict, name: str, hint: Any, needed: bool) -> Any:
    kind, optional = _plain(hint)
    if _is_upload(hint):
        return _files(form, name, hint, needed and not optional)
    if get_origin(kind) in (list, tuple):
        item = get_args(kind)[0]
        found = [_value(text, item) for text in _texts(form, name) if text]
        if needed and not found:
            raise ValueError(NEEDED)
        return tuple(found) if get_origin(kind) is tuple else found
    texts = _texts(form, name)
    if kind is bool:
        return bool(texts) and texts[-1] not in ("", "0", "false", "off")
    text = texts[-1] if texts else ""
    if not text:
        if needed and not optional:
            raise ValueError(NEEDED)
        return None if optional and needed else _ABSENT
    return _value(text, kind)


def _is_upload(hint: Any) -> bool:
    kind, _ = _plain(hint)
    return kind is UploadFile or get_args(kind)[:1] == (UploadFile,)


def _most_files(hint: Any) -> int:
    return 1 if _plain(hint)[0] is UploadFile else MOST_FILES


def _files(form: FormMultiDict, name: str, hint: Any, needed: bool) -> Any:
    """Chosen files; a browser sends one without a name where none was chosen."""
    found = [value for value in form.getall(name, []) if isinstance(value, UploadFile) and value.filename]
    if needed and not found:
        raise ValueError(CHOOSE)
    kind, _ = _plain(hint)
    if kind is not UploadFile:
        return tuple(found) if get_origin(kind) is tuple else found
    return found[-1] if found else None


def _texts(form: FormMultiDict, name: str) -> list[str]:
    return [value.strip() for value in form.getall(name, []) if isinstance(value, str)]


def _plain(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return kinds[0], len(kinds) < len(get_args(hint))
    return hint, False


def _value(text: str, kind: Any) -> Any:
    if len(text) > LONGEST:
        raise ValueError(f"Слишком длинно: не больше {LONGEST} знаков.")
    if "\0" in text:
        raise ValueError(STRANGE_SIGN)
    reader = READERS.get(kind)
    if reader is not None:
        return reader(text)
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        raise ValueError("Выберите значение из списка.") from None


def read_money(text: str) -> Decimal:
    """«12 500,00» → Decimal, not more than two digits after the comma."""
    bare = "".join(text.split()).removesuffix("₽").replace("\u2212", "-").replace(",", ".")
    try:
        amount = Decimal(bare)
    except InvalidOperation:
        raise ValueError("Введите сумму цифрами, например 1500,00.") from None
    exponent = amount.as_tuple().exponent
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12:
        raise ValueError("Такой суммы не бывает.")
    if isinstance(exponent, int) and exponent < -2:
        raise ValueError("В сумме не больше двух знаков после запятой.")
    return amount.quantize(Decimal("0.01"))


def read_number(text: str) -> int:
    try:
        return int("".join(text.split()))
    except ValueError:
        raise ValueError("Введите целое число.") from None


def read_date(text: str) -> dt.date:
    """A date as a browser sends it or as people write it. Raises `ValueError` with a sentence."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise ValueError("Введите дату в виде 24.11.2026.")


def read_time(text: str) -> dt.time:
    """A time of the day, `09:30`. Raises `ValueError` with a sentence."""
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise ValueError("Введите время в виде 09:30.") from None


def read_phone(text: str) -> str:
    """A phone number in E.164; without a country it is Russian. Raises ValueError with a sentence."""
    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException:
        raise ValueError("Введите номер телефона цифрами.") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("Проверьте номер: цифр слишком мало или слишком много.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _read_text(text: str) -> str:
    return text


READERS: dict[Any, Any] = {
    str: _read_text,
    int: read_number,
    Decimal: read_money,
    dt.date: read_date,
    dt.time: read_time,
}
