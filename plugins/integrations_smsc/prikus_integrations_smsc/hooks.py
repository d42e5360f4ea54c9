"""What the plugin offers: the connection of «API Интеграции», and a service for messaging."""

from __future__ import annotations

from prikus.toolkit import ConnectionField, ConnectionKind, hookimpl
from prikus_integrations_smsc.services import messages
from prikus_integrations_smsc.settings import Settings
from prikus_messaging.public import MessageProvider

KEY = "Без логина сюда вводят API-ключ из личного кабинета."
SENDER = "Имя, зарегистрированное в SMS-Центре. Пусто – имя по умолчанию."


@hookimpl
def connection_kinds() -> list[ConnectionKind]:
    return [
        ConnectionKind(
            id="smsc",
            plugin_id="integrations_smsc",
            title="SMS-Центр",
            summary="SMS пациентам",
            settings=Settings,
            fields=(
                ConnectionField("login", "Логин", is_required=False),
                ConnectionField("password", "Пароль", KEY, is_secret=True),
                ConnectionField("sender", "Имя отправителя", SENDER, is_required=False),
            ),
            connect=messages.connect,
            has_webhook=True,
            help=(
                "Зарегистрируйтесь на smsc.ru, выберите тариф и пополните счёт.",
                "Введите логин и пароль, сохраните и нажмите «Подключить»: проверка бесплатна.",
                "Адрес ниже укажите в кабинете как адрес обработчика статусов: статусы будут приходить сразу.",
            ),
            icon="message",
        )
    ]


@hookimpl
def message_providers() -> list[MessageProvider]:
    return [MessageProvider(kind="smsc", send=messages.send, status=messages.status)]
