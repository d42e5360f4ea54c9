import pytest

from .surgery import NoSuchStatement, excise

SOURCE = '''
LIMIT = 3


class Desk:
    """Says ensure_free(."""

    name = "стойка"

    async def book(self, slot, fee=0):
        """Calls ensure_free( too."""
        if slot.taken:
            raise Taken(
                "Время занято",
                slot,
            )
        async with lock(slot):
            await ensure_free(slot)
            price = fee or LIMIT; fee = round(price)
        try:
            self.last = slot
        except ValueError:
            log("не вышло")
        for row in rows(slot): check(row)
        left, (right, *rest) = split(slot)
        slot.count += 1
        return price


@listener("booked")
def note(event):
    import json
    return json.dumps(event)
'''

RAISED = SOURCE[SOURCE.index("raise Taken") : SOURCE.index("        async with")].rstrip()


@pytest.mark.parametrize(
    ("scope", "text", "old", "new"),
    [
        ("Desk.book", "ensure_free(", "await ensure_free(slot)", "pass"),
        ("Desk.book", 'raise Taken( "Время', RAISED, "pass"),
        ("Desk.book", "fee = round(", "fee = round(price)", "pass"),
        ("Desk.book", "price =", "price = fee or LIMIT", "price = None"),
        ("Desk.book", "log(", 'log("не вышло")', "pass"),
        ("Desk.book", "check(", "check(row)", "pass"),
        ("Desk.book", "for row", "for row in rows(slot): check(row)", "row = None"),
        ("Desk.book", "split(slot)", "left, (right, *rest) = split(slot)", "left = right = rest = None"),
        ("Desk.book", "slot.count", "slot.count += 1", "pass"),
        ("Desk.book", "self.last", "self.last = slot", "pass"),
        ("Desk.book", "return", "return price", "pass"),
        ("Desk", "name =", 'name = "стойка"', "pass"),
        ("", "LIMIT", "LIMIT = 3", "LIMIT = None"),
        ("", "@listener", SOURCE[SOURCE.index("@listener") :].rstrip(), "note = None"),
    ],
)
def test_takes_out_one_statement(scope: str, text: str, old: str, new: str) -> None:
    assert SOURCE.count(old) == 1
    assert excise(SOURCE, scope, text) == SOURCE.replace(old, new)


def test_takes_out_a_block_by_its_head_only() -> None:
    mended = excise(SOURCE, "Desk.book", "async with lock(")
    assert "ensure_free(slot)" not in mended
    assert "        price = None\n        try:" in mended


def test_prefers_a_statement_that_starts_with_the_text() -> None:
    source = "def f():\n    keep(drop(1))\n    drop(2)\n"
    assert excise(source, "f", "drop(") == "def f():\n    keep(drop(1))\n    pass\n"


def test_names_of_other_functions_do_not_count_as_bound() -> None:
    source = "def f():\n    total = 1\n    return total\n\ntotal = f()\n"
    assert excise(source, "", "total =") == source.replace("total = f()", "total = None")


@pytest.mark.parametrize(
    ("scope", "text", "complaint"),
    [
        ("Desk.book", "Calls ensure_free", "no statement"),
        ("Desk.cancel", "raise", "no class or function Desk.cancel"),
        ("note", "import json", "is an import"),
    ],
)
def test_refuses_what_proves_nothing(scope: str, text: str, complaint: str) -> None:
    with pytest.raises(NoSuchStatement, match=complaint):
        excise(SOURCE, scope, text)
