"""«Подключить»: whether login or key open the API. Nothing is sent, nothing is paid."""

from __future__ import annotations

from prikus.toolkit import Connected, Context, Invalid, OpenConnection
from prikus_integrations_diagnocat.services.client import Diagnocat, Refused, diagnocat
from prikus_integrations_diagnocat.services.signs import read_signs
from prikus_integrations_diagnocat.settings import Settings


async def connect(ctx: Context, connection: OpenConnection[Settings]) -> Connected:
    """Raises `Invalid` beside the fields for a wrong password and for signs that cannot be read; `Refused`."""
    settings = connection.settings
    read_signs(settings.signs)
    async with diagnocat(ctx, connection) as service:
        try:
            if settings.login:  # a token that is kept would hide that the password has changed
                await service.log_in()
            await _try(service)
        except Refused as refused:
            if refused.code == 401:
                raise Invalid({"password": refused.sentence}) from refused
            raise
    return Connected("Вход выполнен, снимки можно отправлять")


async def _try(service: Diagnocat) -> None:
    try:
        await service.rows("/v2/participants")
    except Refused as refused:
        if refused.code != 404:
            raise
        await service.rows("/v2/patients", limit=1)
