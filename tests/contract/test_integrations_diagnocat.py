from tests.contract.connecting import ConnectingContract


class TestIntegrationsDiagnocat(ConnectingContract):
    """What it does is seen under «API Интеграции» and «Снимки»."""

    plugin = "integrations_diagnocat"
    kind = "diagnocat"
