from prikus.toolkit import MenuItem, hookimpl


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Чайная", "receipt", "/teahouse/teas", 500, "teahouse.tea.view")]


@hookimpl
def teas_of_day() -> list[str]:
    return ["чёрный"]
