"""Removing the data of a package that is not installed any more."""

from __future__ import annotations

import msgspec
import structlog

from prikus.config import Config
from prikus.data.leftovers import Contents, drop_schema, read_contents, read_leftovers
from prikus.errors import Conflict, NotFound
from prikus.events.runtime import role_urls
from prikus.host.system import System

log = structlog.get_logger("prikus.operator")


async def what_would_go(config: Config, system: System, plugin_id: str) -> Contents:
    """What `purge` would remove. Raises `Conflict` while somebody needs it, `NotFound` when there is nothing."""
    if plugin_id in system.plugins or plugin_id == "core":
        raise Conflict(f"Модуль «{plugin_id}» установлен. Сначала удалите его пакет, потом его данные.")
    urls = role_urls(config)
    left = await read_leftovers(urls, ("core", *system.plugins))
    if plugin_id not in left:
        others = f" Есть: {', '.join(left)}." if left else " Данных удалённых модулей нет."
        raise NotFound(f"В базе нет данных удалённого модуля «{plugin_id}».{others}")
    contents = await read_contents(urls, plugin_id)
    if contents.holders:
        raise Conflict(
            f"На данные модуля «{plugin_id}» ссылаются {', '.join(contents.holders)}. "
            "Сначала удалите модули, которым они принадлежат, и их данные."
        )
    return contents


async def purge(config: Config, system: System, plugin_id: str) -> Contents:
    """Drop the schema for good. Each clinic's audit says what of it went. Raises as `what_would_go` does."""
    contents = await what_would_go(config, system, plugin_id)
    sentence = f"Удалены все данные удалённого модуля «{plugin_id}»."
    audit = [
        (clinic, sentence, msgspec.json.encode({"rows": contents.of_clinic(clinic)}).decode())
        for clinic in contents.clinics
    ]
    await drop_schema(role_urls(config), contents, audit)
    log.info("plugin purged", plugin=plugin_id, tables=len(contents.rows), clinics=contents.clinics)
    return contents
