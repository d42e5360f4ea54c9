"""Refusals that people read. Services raise them; `app` turns them into pages and JSON, the CLI into a sentence."""

from __future__ import annotations

from collections.abc import Mapping

STALE = (
    "Пока вы редактировали, коллега сохранил другое. Под полями – то, что записано сейчас. "
    "Исправьте и сохраните ещё раз: тогда запишется ваше."
)


class Problem(Exception):
    """Something the caller can understand and mend. `sentence` is shown as it is, in Russian."""

    status = 400

    def __init__(self, sentence: str, *, detail: Mapping[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = dict(detail or {})


class Invalid(Problem):
    """Input refused. `fields` maps a field's name to the sentence shown beside it."""

    status = 422

    def __init__(self, fields: Mapping[str, str], sentence: str = "Проверьте отмеченные поля.") -> None:
        super().__init__(sentence, detail={"fields": dict(fields)})
        self.fields = dict(fields)


class SignInNeeded(Problem):
    """No session, or it has ended."""

    status = 401


class Denied(Problem):
    """The person lacks a right; the sentence says which."""

    status = 403


class ProofNeeded(Problem):
    """The password has to be typed again first; the page asks for it and repeats the request with the same key."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Введите пароль ещё раз: без него деньги не возвращают и документы не отменяют.")


class Suspended(Problem):
    """The operator has suspended the clinic."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Работа клиники приостановлена.")


class NotFound(Problem):
    """Not there, or another clinic's: the same answer."""

    status = 404

    def __init__(self, sentence: str = "Не найдено. Возможно, объект удалён или ссылка устарела.") -> None:
        super().__init__(sentence)


class Conflict(Problem):
    """The state of things does not allow it now: a taken slot, a stale edit, a running request."""

    status = 409


class StillRunning(Problem):
    """The same press has not ended yet; asked again with its key after `retry_after` seconds, it answers."""

    status = 409
    retry_after = 2

    def __init__(self) -> None:
        super().__init__("Это действие уже выполняется. Подождите немного и повторите: дважды оно не выполнится.")


class Stale(Conflict):
    """Somebody saved it since it was shown. `fields` maps each field that differs to what stands there now.

    The form keeps what was typed, shows the other version beside it, and saved again with `row_version` it counts.
    """

    def __init__(self, fields: Mapping[str, str], row_version: int, sentence: str = STALE) -> None:
        super().__init__(sentence, detail={"fields": dict(fields), "row_version": row_version})
        self.fields = dict(fields)
        self.row_version = row_version


class Misconfigured(Problem):
    """The installation itself is wrong: the start stops with this sentence and exit code 2."""

    status = 500
