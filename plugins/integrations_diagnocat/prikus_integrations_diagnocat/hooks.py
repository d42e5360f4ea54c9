"""What the plugin offers: the connection of «API Интеграции», and a service for imaging."""

from __future__ import annotations

from prikus.toolkit import ConnectionField, ConnectionKind, hookimpl
from prikus_imaging.public import NAME_FIELD, ImageProvider
from prikus_integrations_diagnocat.services import analysing, connecting
from prikus_integrations_diagnocat.settings import Settings

REGIONS = (("ru", "Россия – app2.diagnocat.ru"), ("eu", "Европа – eu.diagnocat.com"))
KEY = "Без логина сюда вводят постоянный ключ партнёра, если его выдала поддержка Diagnocat."
SIGNS = (
    "Diagnocat сообщает только номера признаков. Узнав признак в отчёте, назовите его: 1044=Кариес; 1000=скрыть. "
    "Названия появятся при следующей загрузке результатов."
)


@hookimpl
def connection_kinds() -> list[ConnectionKind]:
    return [
        ConnectionKind(
            id="diagnocat",
            plugin_id="integrations_diagnocat",
            title="Diagnocat",
            summary="Анализ снимков искусственным интеллектом",
            settings=Settings,
            fields=(
                ConnectionField("region", "Сайт", "Тот, на который вы входите.", choices=REGIONS),
                ConnectionField("login", "Логин", is_required=False),
                ConnectionField("password", "Пароль", KEY, is_secret=True),
                NAME_FIELD,
                ConnectionField("signs", "Названия признаков", SIGNS, is_required=False),
            ),
            connect=connecting.connect,
            help=(
                "Зарегистрируйтесь в Diagnocat, выберите тариф и оплатите его: support@diagnocat.com, 8 499 288 15 61.",
                "Попросите support@diagnocat.com включить доступ к API.",
                "Введите логин и пароль, сохраните и нажмите «Подключить»: проверка бесплатна.",
                "Снимки уходят третьей стороне: пациент должен быть на это согласен.",
            ),
            icon="sparkles",
        )
    ]


@hookimpl
def image_providers() -> list[ImageProvider]:
    return [ImageProvider(kind="diagnocat", title="Diagnocat", accepts=analysing.accepts, advance=analysing.advance)]
