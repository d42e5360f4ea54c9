from tests.contract.connecting import ConnectingContract


class TestIntegrationsSmsc(ConnectingContract):
    """What it does is seen under «API Интеграции» and «Сообщения»."""

    plugin = "integrations_smsc"
    kind = "smsc"
