import datetime as dt
from collections import Counter, defaultdict
from random import Random

import phonenumbers
import pytest

from prikus.invented.names import FEMALE_NAMES, FOREIGNERS, MALE_NAMES, SURNAMES
from prikus.invented.people import MAIL_DOMAINS, OF_AGE, Person, Population, feminine, inn, patronymic, snils

TODAY = dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def patients() -> list[Person]:
    return Population(7, TODAY).patients(3000)


def age(person: Person) -> int:
    born = person.birth_date
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def is_snils(number: str) -> bool:
    """As the Pension Fund describes it: the sum below 100 as it is, 100 and 101 as 00, above 101 by its remainder."""
    total = sum((9 - place) * int(digit) for place, digit in enumerate(number[:9]))
    while total > 101:
        total %= 101
    return len(number) == 11 and int(number[9:]) == (0 if total in (100, 101) else total)


def is_inn(number: str) -> bool:
    """As the Tax Service describes it."""
    digits = [int(digit) for digit in number]
    first = sum(w * d for w, d in zip([7, 2, 4, 10, 3, 5, 9, 4, 6, 8], digits[:10], strict=True)) % 11 % 10
    second = sum(w * d for w, d in zip([3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], digits[:11], strict=True)) % 11 % 10
    return len(digits) == 12 and digits[10:] == [first, second]


def test_the_same_seed_gives_the_same_people(patients: list[Person]) -> None:
    assert Population(7, TODAY).patients(3000) == patients
    assert Population(8, TODAY).patients(3000) != patients


def test_the_lists_of_names_are_long_and_without_repetition() -> None:
    assert len(SURNAMES) == len(set(SURNAMES)) >= 150
    assert len({feminine(surname) for surname in SURNAMES}) == len(SURNAMES)
    for cohorts in (MALE_NAMES, FEMALE_NAMES):
        assert len({name for names in cohorts.values() for name in names}) >= 60
        assert all(len(set(names)) == len(names) for names in cohorts.values())


@pytest.mark.parametrize(
    ("surname", "expected"),
    [("Иванов", "Иванова"), ("Киселёв", "Киселёва"), ("Ильин", "Ильина"), ("Покровский", "Покровская")]
    + [(same, same) for same in ("Бондаренко", "Ковальчук", "Петросян")],
)
def test_surnames_of_women(surname: str, expected: str) -> None:
    assert feminine(surname) == expected


@pytest.mark.parametrize(
    ("father", "son", "daughter"),
    [
        ("Иван", "Иванович", "Ивановна"),
        ("Сергей", "Сергеевич", "Сергеевна"),
        ("Василий", "Васильевич", "Васильевна"),
        ("Дмитрий", "Дмитриевич", "Дмитриевна"),
        ("Илья", "Ильич", "Ильинична"),
        ("Никита", "Никитич", "Никитична"),
        ("Пётр", "Петрович", "Петровна"),
        ("Лев", "Львович", "Львовна"),
        ("Игорь", "Игоревич", "Игоревна"),
    ],
)
def test_patronymics(father: str, son: str, daughter: str) -> None:
    assert (patronymic(father, "male"), patronymic(father, "female")) == (son, daughter)


def test_names_agree_with_the_gender(patients: list[Person]) -> None:
    foreign = {(last, first) for last, first, _ in FOREIGNERS}
    surnames = {"male": set(SURNAMES), "female": {feminine(surname) for surname in SURNAMES}}
    endings = {"male": ("вич", "ьич", "тич"), "female": ("вна", "чна")}
    local = [person for person in patients if (person.last_name, person.first_name) not in foreign]
    assert all(person.last_name in surnames[person.gender] for person in local)
    assert all(person.patronymic.endswith(endings[person.gender]) for person in local if person.patronymic)
    without = [person for person in patients if not person.patronymic]
    assert 0 < len(patients) - len(local) < len(without) < 0.05 * len(patients)


def test_frequent_surnames_are_frequent_but_none_rules(patients: list[Person]) -> None:
    counted = Counter(person.last_name.removesuffix("а") for person in patients)
    assert counted["Иванов"] > 3 * counted["Суворов"]
    assert counted.most_common(1)[0][1] < 0.05 * len(patients)


def test_ages_are_those_of_a_clinic(patients: list[Person]) -> None:
    ages = [age(person) for person in patients]
    assert (min(ages), max(ages)) == (4, 85)
    assert 0.10 < sum(years < OF_AGE for years in ages) / len(ages) < 0.14


def test_phones_and_e_mails_are_unique_and_plausible(patients: list[Person]) -> None:
    phones = [person.phone for person in patients]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("+79") and phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in phones)
    emails = [person.email for person in patients if person.email]
    assert len(set(emails)) == len(emails) > 500
    assert all(email.isascii() and email.partition("@")[2] in MAIL_DOMAINS for email in emails)
    assert not any(person.email for person in patients if age(person) < OF_AGE)


def test_families_share_surname_and_address(patients: list[Person]) -> None:
    families: dict[int, list[Person]] = defaultdict(list)
    for person in patients:
        if person.family:
            families[person.family].append(person)
    masculine = {feminine(surname): surname for surname in SURNAMES}
    assert len(families) > 100
    for members in families.values():
        assert len(members) >= 2
        assert len({masculine.get(member.last_name, member.last_name) for member in members}) == 1
        assert len({member.address for member in members}) == 1


def test_children_bear_the_patronymic_of_their_father(patients: list[Person]) -> None:
    fathers = {
        person.family: person for person in patients if person.family and person.gender == "male" and age(person) >= 25
    }
    children = [
        person for person in patients if person.family in fathers and age(person) < OF_AGE and person.patronymic
    ]
    assert len(children) > 50
    for child in children:
        father = fathers[child.family or 0]
        assert child.patronymic == patronymic(father.first_name, child.gender)
        assert age(father) - age(child) >= 19


def test_any_number_of_patients_is_met_exactly() -> None:
    assert [len(Population(1, TODAY).patients(count)) for count in (0, 1, 2, 17)] == [0, 1, 2, 17]


def test_staff_shares_no_phone_with_patients() -> None:
    population = Population(3, TODAY)
    staff = [population.adult(gender="female", ages=(30, 40)) for _ in range(50)]
    assert all(30 <= age(member) <= 40 and member.gender == "female" for member in staff)
    patients = population.patients(500)
    assert len({person.phone for person in staff + patients}) == 550


def test_a_leap_day_is_a_day_like_others() -> None:
    assert len(Population(1, dt.date(2028, 2, 29)).patients(300)) == 300


def test_checksums(patients: list[Person]) -> None:
    assert is_snils("11223344595")
    assert not is_snils("11223344596")
    assert is_inn("500100732259")
    assert not is_inn("500100732258")
    random = Random(5)
    assert all(is_snils(snils(random)) and is_inn(inn(random)) for _ in range(2000))
    assert all(is_snils(person.snils) for person in patients if person.snils)
    assert all(is_inn(person.inn) for person in patients if person.inn)
