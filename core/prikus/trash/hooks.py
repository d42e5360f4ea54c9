"""Where «Корзина» stands in the menu."""

from prikus.host.declarations import hookimpl
from prikus.ui.descriptors import MenuItem


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Корзина", "trash", "/trash/", 220, "trash.page.view", section="system")]
