"""Invented, believable people for demonstrations and tests: no database, no clock, the same seed gives the same people.

Names are weighted by how often they are met and by the years when they were given; ages are those of a dental clinic's
patients: 4 to 85, about one in eight a child. Nobody's checksum is wrong, no two people share a phone or an e-mail,
every e-mail stands in a domain reserved for examples.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Literal

import msgspec

from prikus.invented.names import FEMALE_NAMES, FOREIGNERS, IRREGULAR_PATRONYMICS, MALE_NAMES, STREETS, SURNAMES

Gender = Literal["male", "female"]

REGION = "Свердловская область"
CITY = "Екатеринбург"
MAIL_DOMAINS = ("example.com", "example.org", "example.net")
YOUNGEST, OF_AGE, OLDEST = 4, 18, 85
MOBILE_CODES = ("902", "904", "908", "909", "912", "919", "922", "950", "952", "953", "963", "965", "982", "992", "999")

ADULTS_AND_CHILDREN: dict[tuple[int, int], float] = {
    (1, 0): 77.3,
    (2, 0): 10.0,
    (1, 1): 4.5,
    (0, 1): 4.0,
    (2, 1): 2.0,
    (1, 2): 1.2,
    (2, 2): 1.0,
}
ADULT_AGES = {(18, 24): 9, (25, 34): 20, (35, 44): 25, (45, 54): 18, (55, 64): 15, (65, 74): 9, (75, OLDEST): 4}
CHILD_AGES = {(YOUNGEST, 6): 22, (7, 11): 42, (12, OF_AGE - 1): 36}
WOMEN = 0.57
FOREIGN = 0.015
NO_PATRONYMIC = 0.01
WITH_EMAIL = 0.45
WITH_SNILS = 0.6
WITH_INN = 0.25
WITH_HOME_PHONE = 0.08
PARENT_OLDER_BY = (19, 38)
SPOUSES_APART = 6
GENERATION = 27

_LATIN = str.maketrans(
    {
        **dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True)),
        **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""},
        **{" ": "", "-": ""},
    }
)


class Address(msgspec.Struct, frozen=True):
    """Where somebody is registered. Shared by the members of a family."""

    postcode: str
    region: str
    city: str
    street: str
    house: str
    flat: str | None


class Person(msgspec.Struct, frozen=True):
    """An invented person. `phone` is `+79XXXXXXXXX`; СНИЛС and ИНН are digits only; `family` numbers a household of two
    and more, whose members share surname and address."""

    last_name: str
    first_name: str
    patronymic: str | None
    gender: Gender
    birth_date: dt.date
    phone: str
    home_phone: str | None
    email: str | None
    snils: str | None
    inn: str | None
    address: Address
    family: int | None


class Population:
    """Draws people one after another. Two populations with one seed and one `today` are equal, person by person."""

    def __init__(self, seed: int, today: dt.date) -> None:
        self._random = Random(seed)
        self._today = today
        self._phones: set[str] = set()
        self._emails: set[str] = set()
        self._families = 0

    def patients(self, count: int) -> list[Person]:
        """`count` patients of a dental clinic in no particular order; families are never cut in two."""
        people: list[Person] = []
        while (left := count - len(people)) > 0:
            kinds = {kind: weight for kind, weight in ADULTS_AND_CHILDREN.items() if sum(kind) <= left}
            (adults, children) = self._random.choices(list(kinds), list(kinds.values()))[0]
            people += self._household(adults, children)
        self._random.shuffle(people)
        return people

    def adult(self, *, gender: Gender | None = None, ages: tuple[int, int] = (25, 63)) -> Person:
        """Somebody of working age, e.g. for the staff; `ages` are whole years, both ends included."""
        return self._person(gender or self._gender(), self._random.randint(*ages), self._surname(), self._address())

    def _household(self, adults: int, children: int) -> list[Person]:
        surname, address = self._surname(), self._address()
        if adults + children == 1:
            if adults and self._random.random() < FOREIGN:
                return [self._foreigner(address)]
            ages = CHILD_AGES if children else ADULT_AGES
            return [self._person(self._gender(), self._age(ages), surname, address)]
        self._families += 1
        ages_of_children = [self._age(CHILD_AGES) for _ in range(children)]
        age = self._parents_age(ages_of_children)
        parents = (
            self._couple(age, surname, address)
            if adults == 2
            else [self._person(self._gender(), age, surname, address, self._families)]
        )
        father = next((parent.first_name for parent in parents if parent.gender == "male"), None)
        father = father or self._first_name("male", max(age, OF_AGE))
        return parents + [
            self._person(self._gender(), child, surname, address, self._families, father) for child in ages_of_children
        ]

    def _couple(self, age: int, surname: str, address: Address) -> list[Person]:
        other = min(OLDEST, max(OF_AGE, age + self._random.randint(-SPOUSES_APART, SPOUSES_APART)))
        return [
            self._person("male", max(age, other), surname, address, self._families),
            self._person("female", min(age, other), surname, address, self._families),
        ]

    def _parents_age(self, children: Sequence[int]) -> int:
        if not children:
            return self._age(ADULT_AGES)
        younger, older = PARENT_OLDER_BY
        return self._random.randint(max(children) + younger + SPOUSES_APART, max(children) + older)

    def _person(
        self,
        gender: Gender,
        age: int,
        surname: str,
        address: Address,
        family: int | None = None,
        father: str | None = None,
    ) -> Person:
        first_name = self._first_name(gender, age)
        father = father or self._first_name("male", age + GENERATION)
        return self._complete(
            surname if gender == "male" else feminine(surname),
            first_name,
            None if self._random.random() < NO_PATRONYMIC else patronymic(father, gender),
            gender,
            age,
            address,
            family,
        )

    def _foreigner(self, address: Address) -> Person:
        last_name, first_name, gender = self._random.choice(FOREIGNERS)
        return self._complete(last_name, first_name, None, gender, self._age(ADULT_AGES), address, None)

    def _complete(
        self,
        last_name: str,
        first_name: str,
        patronymic: str | None,
        gender: Gender,
        age: int,
        address: Address,
        family: int | None,
    ) -> Person:
        random, grown = self._random, age >= OF_AGE
        birth_date = self._birth_date(age)
        return Person(
            last_name=last_name,
            first_name=first_name,
            patronymic=patronymic,
            gender=gender,
            birth_date=birth_date,
            phone=self._phone(),
            home_phone=f"+7343{random.randrange(2_000_000, 4_000_000)}" if random.random() < WITH_HOME_PHONE else None,
            email=self._email(last_name, first_name, birth_date) if grown and random.random() < WITH_EMAIL else None,
            snils=snils(random) if random.random() < WITH_SNILS else None,
            inn=inn(random) if grown and random.random() < WITH_INN else None,
            address=address,
            family=family,
        )

    def _gender(self) -> Gender:
        return "female" if self._random.random() < WOMEN else "male"

    def _surname(self) -> str:
        return self._random.choices(SURNAMES, cum_weights=_SURNAME_WEIGHTS)[0]

    def _first_name(self, gender: Gender, age: int) -> str:
        year = self._today.year - age
        names, weights = next((cohort for since, cohort in _COHORTS[gender] if year >= since), _COHORTS[gender][-1][1])
        return self._random.choices(names, cum_weights=weights)[0]

    def _age(self, groups: dict[tuple[int, int], int]) -> int:
        return self._random.randint(*self._random.choices(list(groups), list(groups.values()))[0])

    def _birth_date(self, age: int) -> dt.date:
        birthday = self._today.replace(year=self._today.year - age, day=min(self._today.day, 28))
        return birthday - dt.timedelta(days=self._random.randrange(360))

    def _phone(self) -> str:
        while True:
            phone = f"+7{self._random.choice(MOBILE_CODES)}{self._random.randrange(2_000_000, 10_000_000)}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone

    def _email(self, last_name: str, first_name: str, birth_date: dt.date) -> str:
        name = f"{first_name[0]}.{last_name}".lower().translate(_LATIN)
        domain = self._random.choice(MAIL_DOMAINS)
        email, number = f"{name}@{domain}", birth_date.year % 100
        while email in self._emails:
            email, number = f"{name}{number:02}@{domain}", number + 1
        self._emails.add(email)
        return email

    def _address(self) -> Address:
        random = self._random
        private = random.random() < 0.12
        return Address(
            postcode=f"6200{random.randrange(10, 100)}",
            region=REGION,
            city=CITY,
            street=random.choice(STREETS),
            house=f"{random.randrange(1, 160)}{random.choice(('', '', '', 'а', 'б', '/1', '/2'))}",
            flat=None if private else str(random.randrange(1, 240)),
        )


def feminine(surname: str) -> str:
    """The form of a man's surname that his wife and daughter bear; a surname that does not change stays."""
    if surname.endswith(("ов", "ев", "ёв", "ин")):
        return f"{surname}а"
    return f"{surname[:-2]}ая" if surname.endswith(("ский", "цкий")) else surname


def patronymic(father: str, gender: Gender) -> str:
    """The patronymic from the father's given name: «Сергей» → «Сергеевич», «Сергеевна»."""
    if father in IRREGULAR_PATRONYMICS:
        return IRREGULAR_PATRONYMICS[father][gender == "female"]
    if father.endswith("ий"):
        stem = f"{father[:-2]}ье"
    elif father.endswith("й"):
        stem = f"{father[:-1]}е"
    else:
        stem = f"{father}о"
    return f"{stem}{'вич' if gender == 'male' else 'вна'}"


def snils(random: Random) -> str:
    """Eleven digits, the last two of which are the right checksum."""
    number = f"{random.randrange(2_000_000, 1_000_000_000):09}"
    check = sum(int(digit) * weight for digit, weight in zip(number, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{number}{check:02}"


def inn(random: Random) -> str:
    """Twelve digits, a private person's number of the region, the last two of which are the right checksums."""
    number = f"66{random.randrange(58, 87)}{random.randrange(1_000_000):06}"
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        number += str(sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 11 % 10)
    return number


def _by_rank(names: Sequence[str], head: int) -> list[float]:
    return list(accumulate(1 / (rank + head) for rank in range(len(names))))


_SURNAME_WEIGHTS = _by_rank(SURNAMES, head=12)
_COHORTS = {
    gender: [(since, (names, _by_rank(names, head=4))) for since, names in sorted(cohorts.items(), reverse=True)]
    for gender, cohorts in (("male", MALE_NAMES), ("female", FEMALE_NAMES))
}
