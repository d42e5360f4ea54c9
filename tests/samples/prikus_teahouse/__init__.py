"""A plugin with every kind of room, for tests of the host. It keeps the contract."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="teahouse",
    title="Чайная",
    summary="Чай для ожидающих",
    version="1.0.0",
    enhances=("biscuits",),
    acts=("teahouse.tea.brew",),
)
