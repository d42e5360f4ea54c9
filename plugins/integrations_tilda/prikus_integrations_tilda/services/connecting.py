from __future__ import annotations

from prikus.toolkit import Conflict, Connected, Context, Invalid, OpenConnection
from prikus_integrations_tilda.settings import Settings

SILENT = (
    "Tilda ещё не проверяла адрес. Скопируйте его в «Настройки сайта» → «Формы» → «Webhook» и сохраните: "
    "Tilda сразу пришлёт проверку, и связь станет рабочей."
)


async def connect(ctx: Context, connection: OpenConnection[Settings]) -> Connected:
    """Tilda cannot be asked: it is connected when it has sent its test, or a form. Raises `Conflict` before that."""
    settings = connection.settings
    if bool(settings.key_name.strip()) != bool(settings.key):
        missing = "key_name" if settings.key else "key"
        raise Invalid({missing: "Заполните и имя, и значение ключа – или оставьте оба поля пустыми."})
    if connection.state != "on":
        raise Conflict(SILENT)
    return Connected("Tilda присылает формы на этот адрес")
