from __future__ import annotations

from prikus.toolkit import ConnectionField, ConnectionKind, hookimpl
from prikus_ringer import services
from prikus_ringer.settings import Settings
from prikus_telephony.public import TelephonyProvider


@hookimpl
def connection_kinds() -> list[ConnectionKind]:
    return [
        ConnectionKind(
            id="ringer",
            plugin_id="ringer",
            title="Звонарь",
            summary="Звонки",
            settings=Settings,
            fields=(ConnectionField("token", "Ключ", is_secret=True),),
            connect=services.connect,
        )
    ]


@hookimpl
def telephony_providers() -> list[TelephonyProvider]:
    return [
        TelephonyProvider(
            kind="ringer",
            call=services.call,
            recording=services.recording,
            statistics=services.statistics,
        )
    ]
