from __future__ import annotations

from prikus.toolkit import ConnectionField, ConnectionKind, hookimpl
from prikus_integrations_tilda.services.connecting import connect
from prikus_integrations_tilda.settings import Settings


@hookimpl
def connection_kinds() -> list[ConnectionKind]:
    return [
        ConnectionKind(
            id="tilda",
            plugin_id="integrations_tilda",
            title="Tilda",
            summary="Заявки из форм сайта на Tilda",
            settings=Settings,
            fields=(
                ConnectionField("key_name", "Имя ключа", "Если в Tilda указан API-ключ", is_required=False),
                ConnectionField("key", "Значение ключа", "То же, что в Tilda", is_secret=True, is_required=False),
            ),
            connect=connect,
            has_webhook=True,
            help=(
                "Сохраните эту форму и скопируйте «Адрес приёма».",
                "В Tilda откройте «Настройки сайта» → «Формы» → «Webhook», вставьте адрес и сохраните.",
                "Отметьте отправку cookies, чтобы в заявке были метки рекламы.",
                "В каждом блоке с формой: «Контент» → отметьте Webhook. Сохраните и опубликуйте страницу.",
            ),
            icon="world",
        )
    ]
