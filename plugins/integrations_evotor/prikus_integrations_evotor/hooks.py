"""What the plugin offers: the connection of «API Интеграции», and registers for fiscal."""

from __future__ import annotations

from prikus.toolkit import ConnectionField, ConnectionKind, hookimpl
from prikus_fiscal.public import RegisterProvider
from prikus_integrations_evotor.services import connecting, registering
from prikus_integrations_evotor.services.atol import MOST_ITEMS
from prikus_integrations_evotor.settings import DIGITAL, FFD_12, FFD_105, NO, YES, Settings

WAYS = ((DIGITAL, "Цифровая касса Эвотор"),)
KEY_IS_LATER = (
    "Приложение «Фискальный регистратор» с API-ключом пока недоступно: его разработчик не опубликовал описание. "
    "Касса в клинике при этом продолжает работать сама."
)
CORRECTIONS_HINT = "Сначала уточните в поддержке Эвотора, принимает ли их ваша касса."
TAXATIONS = (
    ("usn_income", "УСН «доходы»"),
    ("usn_income_outcome", "УСН «доходы минус расходы»"),
    ("osn", "ОСН"),
    ("patent", "Патент"),
    ("esn", "ЕСХН"),
)
FORMATS = ((FFD_12, "ФФД 1.2"), (FFD_105, "ФФД 1.05"))
CORRECTIONS = ((NO, "Не отправлять"), (YES, "Отправлять"))
VATS = (("none", "Без НДС"), ("vat0", "0 %"), ("vat5", "5 %"), ("vat7", "7 %"), ("vat10", "10 %"), ("vat22", "22 %"))


@hookimpl
def connection_kinds() -> list[ConnectionKind]:
    return [
        ConnectionKind(
            id="evotor",
            plugin_id="integrations_evotor",
            title="Эвотор касса",
            summary="Чеки 54-ФЗ через цифровую кассу Эвотор",
            settings=Settings,
            fields=(
                ConnectionField("way", "Способ подключения", choices=WAYS, hint=KEY_IS_LATER),
                ConnectionField("login", "Логин"),
                ConnectionField("password", "Пароль", is_secret=True),
                ConnectionField("group", "Код группы"),
                ConnectionField("inn", "ИНН", hint="Тот же, с которым зарегистрирована касса."),
                ConnectionField("taxation", "Система налогообложения", choices=TAXATIONS),
                ConnectionField("email", "E-mail отправителя чеков"),
                ConnectionField("place", "Место расчётов", hint="Адрес клиники или её сайта, как в карточке кассы."),
                ConnectionField("ffd", "Формат чеков", choices=FORMATS, hint="Указан в кабинете Эвотора."),
                ConnectionField("vat", "НДС авансов и долгов", choices=VATS, hint="Медицинские услуги — без НДС."),
                ConnectionField("corrections", "Чеки коррекции", choices=CORRECTIONS, hint=CORRECTIONS_HINT),
            ),
            connect=connecting.connect,
            many=True,
            has_webhook=True,
            shows_address=False,
            help=(
                "В личном кабинете Эвотора откройте «Цифровая касса» и зарегистрируйте кассу.",
                "Скопируйте логин, пароль и код группы в поля ниже.",
                "Сохраните и нажмите «Подключить»: связь проверяется без чека.",
            ),
            icon="receipt",
        )
    ]


@hookimpl
def register_providers() -> list[RegisterProvider]:
    return [
        RegisterProvider(
            kind="evotor", send=registering.send, status=registering.status, needs_contact=True, most_items=MOST_ITEMS
        )
    ]
