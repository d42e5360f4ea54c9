import stat
from pathlib import Path

import pytest

from prikus.config import Config, WorkPace
from prikus.errors import Misconfigured


def test_an_empty_environment_means_one_machine_without_servers_of_its_own() -> None:
    config = Config.load({})
    assert (config.host, config.port, config.data) == ("127.0.0.1", 8000, Path(".prikus").resolve())
    assert (config.database_url, config.redis_url, config.role_urls) == (None, None, {})
    assert config.processes >= 1
    assert not config.insecure


def test_everything_can_be_given() -> None:
    config = Config.load(
        {
            "PRIKUS_HOST": "0.0.0.0",
            "PRIKUS_PORT": "80",
            "PRIKUS_INSECURE": "1",
            "PRIKUS_PROCESSES": "3",
            "DATABASE_URL": "postgresql://db/prikus",
            "DATABASE_URL_APP": "postgresql://app@db/prikus",
            "REDIS_URL": "redis://cache",
            "PRIKUS_WORK_LEASE": "1.5",
        }
    )
    assert config.url == "http://127.0.0.1:80"
    assert config.processes == 3
    assert config.database_url == "postgresql://db/prikus"
    assert config.role_urls == {"app": "postgresql://app@db/prikus"}
    assert config.redis_url == "redis://cache"
    assert config.work == WorkPace(lease=1.5)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "clinic.example"])
def test_plain_http_beyond_this_machine_must_be_wanted(host: str) -> None:
    with pytest.raises(Misconfigured, match="PRIKUS_INSECURE=1"):
        Config.load({"PRIKUS_HOST": host})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_plain_http_on_this_machine_is_fine(host: str) -> None:
    assert Config.load({"PRIKUS_HOST": host}).host == host


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PRIKUS_PORT", "http"),
        ("PRIKUS_PORT", "70000"),
        ("PRIKUS_PROCESSES", "0"),
        ("PRIKUS_INSECURE", "да"),
        ("PRIKUS_WORK_LEASE", "0"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(name: str, text: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        Config.load({name: text})


def test_the_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    secret = Config(data=data).secret()
    assert len(secret) == 32
    assert Config(data=data).secret() == secret
    assert stat.S_IMODE((data / "secret").stat().st_mode) == 0o600
    assert [file.name for file in data.iterdir()] == ["secret"]
