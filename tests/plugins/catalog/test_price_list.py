import re
from collections import Counter
from decimal import Decimal

from prikus_catalog.price_list import EXPENSIVE, IMPLANTS, ORDINARY, PRICE_LIST, WITHOUT_VAT, PricedService

SERVICES: list[PricedService] = [service for category in PRICE_LIST for service in category.services]


def test_one_hundred_and_fifty_services_in_eight_categories() -> None:
    assert (len(PRICE_LIST), len(SERVICES)) == (8, 150)
    assert min(len(category.services) for category in PRICE_LIST) >= 12


def test_codes_and_names_are_unique() -> None:
    assert not [code for code, times in Counter(service.code for service in SERVICES).items() if times > 1]
    assert not [name for name, times in Counter(service.name for service in SERVICES).items() if times > 1]
    assert len({category.name for category in PRICE_LIST}) == 8


def test_codes_are_those_of_the_nomenclature_or_the_clinics_own() -> None:
    nomenclature = re.compile(r"[AB]\d{2}(\.\d{2,3}){2,3}", re.ASCII)
    own = re.compile(r"[А-Я]{3}-\d{2}")
    kinds = Counter(
        "nomenclature"
        if nomenclature.fullmatch(service.code)
        else "own"
        if own.fullmatch(service.code)
        else service.code
        for service in SERVICES
    )
    assert set(kinds) == {"nomenclature", "own"}
    assert kinds["nomenclature"] > 90


def test_prices_are_exact_roubles_and_durations_fit_the_grid() -> None:
    for service in SERVICES:
        assert service.price == service.price.quantize(Decimal("0.01")) > 0
        assert 5 <= service.duration <= 180
        assert service.duration % 5 == 0
        assert service.vat_rate == WITHOUT_VAT


def test_names_are_written_in_russian_letters() -> None:
    foreign = {word for service in SERVICES for word in re.findall(r"[A-Za-z]+", service.name)}
    assert foreign == {"I", "II", "III", "IV", "V", "VI", "Osstem", "Dentium", "Straumann"}


def test_only_implantation_is_expensive_treatment() -> None:
    expensive = [service for service in SERVICES if service.tax_code == EXPENSIVE]
    assert len(expensive) == 9
    assert set(expensive) < set(IMPLANTS)
    assert {service.tax_code for service in SERVICES} == {ORDINARY, EXPENSIVE}


def test_x_rays_have_a_type_and_a_believable_dose() -> None:
    doses = {service.code: service.xray.dose_usv for service in SERVICES if service.xray}
    assert len(doses) == 8
    assert all(0 < dose <= 100 for dose in doses.values())
    assert doses["A06.07.012"] < doses["A06.07.004"] < doses["A06.07.013"]
    types = {service.xray.type for service in SERVICES if service.xray}
    assert types == {"periapical", "bitewing", "panoramic", "cephalometric", "cbct"}
