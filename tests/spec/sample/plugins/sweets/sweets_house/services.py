from teahouse.services import Order


def add_slice(order: Order) -> None:
    order.journal.append("кусок торта")
