from tests.contract.connecting import ConnectingContract


class TestIntegrationsEvotor(ConnectingContract):
    """What it does is seen under «API Интеграции»."""

    plugin = "integrations_evotor"
    kind = "evotor"
