from __future__ import annotations

from prikus.toolkit import ConnectionField, ConnectionKind, hookimpl
from prikus_parcels import services
from prikus_parcels.settings import PalletSettings, Settings


@hookimpl
def connection_kinds() -> list[ConnectionKind]:
    fields = (
        ConnectionField("token", "Ключ", is_secret=True),
        ConnectionField("office", "Отделение", is_required=False),
    )
    return [
        ConnectionKind(
            id="parcels",
            plugin_id="parcels",
            title="Почта",
            summary="Посылки пациентам",
            settings=Settings,
            fields=fields,
            connect=services.connect,
            has_webhook=True,
        ),
        ConnectionKind(
            id="pallets",
            plugin_id="parcels",
            title="Паллеты",
            summary="Склад, который ничего не прячет",
            settings=PalletSettings,
            fields=(ConnectionField("office", "Склад", is_required=False),),
            connect=services.connect_pallets,
            many=True,
        ),
        ConnectionKind(
            id="shelves",
            plugin_id="parcels",
            title="Полки",
            summary="Спрашивают, что на них лежит",
            settings=Settings,
            fields=fields,
            connect=services.connect_pallets,
            has_webhook=True,
        ),
    ]
