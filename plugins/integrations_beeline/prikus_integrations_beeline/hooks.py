"""What the plugin offers: the connection of «API Интеграции», and the exchange for telephony."""

from __future__ import annotations

from prikus.toolkit import ConnectionField, ConnectionKind, hookimpl
from prikus_integrations_beeline.services import calls, statistics, subscribing
from prikus_integrations_beeline.settings import Settings
from prikus_telephony.public import TelephonyProvider


@hookimpl
def connection_kinds() -> list[ConnectionKind]:
    return [
        ConnectionKind(
            id="beeline",
            plugin_id="integrations_beeline",
            title="Beeline",
            summary="Звонки облачной АТС «Билайн»",
            settings=Settings,
            fields=(ConnectionField("token", "API-токен", is_secret=True, shows_end=True),),
            connect=subscribing.connect,
            disconnect=subscribing.disconnect,
            has_webhook=True,
            shows_address=False,
            help=(
                "В личном кабинете облачной АТС откройте «Настройки» → «API» и включите переключатель.",
                "Нажмите «Создать новый токен» и скопируйте его целиком.",
                "Вставьте токен сюда, сохраните и нажмите «Подключить».",
            ),
            icon="phone",
        )
    ]


@hookimpl
def telephony_providers() -> list[TelephonyProvider]:
    return [
        TelephonyProvider(
            kind="beeline",
            call=calls.call,
            recording=calls.recording,
            statistics=statistics.statistics,
            find_recording=calls.find_recording,
        )
    ]
