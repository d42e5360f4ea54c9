from dataclasses import dataclass, field


class Refused(Exception):
    """The house does not do that."""


@dataclass
class Order:
    cups: int
    paid: int = 0
    journal: list[str] = field(default_factory=list)


def order(cups: int) -> Order:
    ensure_positive(cups)
    made = Order(cups)
    made.journal.append(f"заказано: {cups}")
    return made


def ensure_positive(cups: int) -> None:
    if cups < 1:
        raise Refused("Закажите хотя бы одну чашку")


def pay(order: Order, price: int) -> int:
    total = order.cups * price
    order.paid = total
    return total


def journal_of(order: Order) -> str:
    return ", ".join(order.journal)
