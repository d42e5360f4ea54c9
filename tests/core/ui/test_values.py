"""How values look: money, days, phones, names, attributes, links."""

import datetime as dt
from decimal import Decimal

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError
from markupsafe import Markup

from prikus.ui import filters
from prikus.ui.address import Here
from prikus.ui.descriptors import MenuItem
from prikus.ui.forms import filter_day
from prikus.ui.markup import attrs, current_item, in_section, key_name, typed_day

MOMENT = dt.datetime(2026, 11, 24, 21, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("12500"), "12\xa0500,00\xa0₽"),
        (Decimal("-1000.5"), "−1\xa0000,50\xa0₽"),
        (0, "0,00\xa0₽"),
        (None, "—"),
    ],
)
def test_money(amount, shown) -> None:
    assert filters.money(amount) == shown


@pytest.mark.parametrize("amount", [1.5, True, "12"])
def test_money_is_never_a_float(amount) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        filters.money(amount)


def test_an_instant_is_shown_in_the_zone_of_the_clinic() -> None:
    assert filters.datetime(MOMENT, "Asia/Yekaterinburg") == "25.11.2026, 02:30"
    assert filters.date(MOMENT, "Asia/Yekaterinburg") == "25.11.2026"
    assert filters.time(MOMENT, "Europe/Moscow") == "00:30"
    assert filters.time(dt.time(9, 30)) == "09:30"


@pytest.mark.parametrize(("moment", "zone"), [(MOMENT, None), (MOMENT.replace(tzinfo=None), "Europe/Moscow")])
def test_an_instant_without_a_zone_is_refused(moment, zone) -> None:
    with pytest.raises(ValueError, match="zone"):
        filters.time(moment, zone)


def test_names_and_phones() -> None:
    assert filters.phone("89123401289") == "+7 912 340-12-89"
    assert filters.phone("доб. 5") == "доб. 5"
    assert filters.initials_name("Морозова Анна Викторовна") == "Морозова\xa0А.\xa0В."
    assert filters.initials("Морозова Анна Викторовна") == "МА"
    assert filters.initials_name(" ") == "—"
    assert filters.colour_of(5) == filters.colour_of(5) in filters.AVATAR_COLOURS


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, "1 пациент"),
        (22, "22 пациента"),
        (11, "11 пациентов"),
        (5034, "5 034 пациента"),
        (Decimal("1.5"), "1,5 пациента"),
    ],
)
def test_plural(count, shown) -> None:
    assert filters.plural(count, "пациент", "пациента", "пациентов").replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("born", "shown"),
    [(dt.date(1992, 11, 24), "34 года"), (dt.date(1992, 11, 25), "33 года"), (dt.date(2026, 6, 1), "5 месяцев")],
)
def test_age(born, shown) -> None:
    assert filters.age(born, dt.date(2026, 11, 24)).replace("\xa0", " ") == shown


def test_the_found_part_is_marked_and_all_of_it_escaped() -> None:
    assert filters.mark("<b>Морозова", "мороз") == Markup("&lt;b&gt;<mark>Мороз</mark>ова")
    assert filters.mark("<b>", None) == Markup("&lt;b&gt;")


def test_attributes_are_escaped_and_left_out() -> None:
    written = attrs({"hx_get": '/a?b="c"', "disabled": True, "title": None, "hidden": False, "for": "x"})
    assert written == Markup('hx-get="/a?b=&#34;c&#34;" disabled for="x"')
    with pytest.raises(ValueError, match="attribute"):
        attrs({'x="y" onclick': "z"})


def test_an_attribute_may_be_conditional_but_not_undefined() -> None:
    environment = Environment(undefined=StrictUndefined, autoescape=True)
    environment.filters["attrs"] = attrs
    asked = '{{ {"hx_vals": {"state": "принято"} | tojson} | attrs }}'
    written = environment.from_string(asked).render()
    assert '="{&#34;state&#34;: ' in written, "JSON does not end its attribute"
    assert environment.from_string('{{ {"href": "x" if false, "id": "y"} | attrs }}').render() == 'id="y"'
    with pytest.raises(UndefinedError, match="typo"):
        environment.from_string('{{ {"href": typo} | attrs }}').render()


def test_keys_and_typed_days() -> None:
    assert [key_name(code) for code in ("KeyN", "Digit1", "Slash", "Escape")] == ["N", "1", "/", "Esc"]
    assert [typed_day(value) for value in ("2026-11-24", "<script>", None)] == ["24.11.2026", "…", "…"]


def test_what_is_no_day_of_a_filter_is_none() -> None:
    assert [filter_day(text) for text in ("2026-11-24", "24.11.2026", "<", "")] == [
        dt.date(2026, 11, 24),
        None,
        None,
        None,
    ]


def test_an_address_keeps_what_is_not_changed() -> None:
    here = Here.of("/list", "q=мор&doctor=5&doctor=6&sort=name&empty=")
    assert here.get("doctor") == "5"
    assert here.all("doctor") == ["5", "6"]
    assert here.with_(q=None, doctor=None, sort="-name", after="x&y", empty="") == "/list?sort=-name&after=x%26y"
    assert here.without("doctor", "5") == "/list?q=%D0%BC%D0%BE%D1%80&sort=name&empty=&doctor=6"


def test_the_menu_knows_where_we_are() -> None:
    menu = [
        MenuItem("Пациенты", "users", "/patients", 2),
        MenuItem("Семьи", "users", "/patients/families", 1),
        MenuItem("Добавить", "plus", "/patients/families/new", 1, section="create"),
    ]
    assert [item.title for item in in_section(menu, "work")] == ["Семьи", "Пациенты"]
    assert current_item(menu, "/patients/5") == "/patients"
    assert current_item(menu, "/patients/families/new") == "/patients/families"
    assert current_item(menu, "/patientsish") is None
