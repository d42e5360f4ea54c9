import os
import subprocess
from pathlib import Path

import pytest

from prikus.embedded import Postgres, identity
from prikus.embedded.identity import Identity
from prikus.embedded.postgres import wheel_binaries
from prikus.embedded.process import enter_user_namespace
from prikus.errors import Misconfigured
from tests.core.embedded.machine import neighbour, uid_of, value

IS_ROOT = os.geteuid() == 0
WAYS = {"namespace": identity.namespace, "account": identity.service_account} if IS_ROOT else {"as we are": Identity}


@pytest.mark.parametrize("way", WAYS)
async def test_every_identity_runs_the_server(folder: Path, way: str) -> None:
    run_as = WAYS[way]()
    with Postgres(folder / "postgresql", run_as=run_as).running(share=False) as url:
        assert await value(url, "SELECT 1") == 1
        owner = (folder / "postgresql" / "data").stat().st_uid
        assert owner == (run_as.account.pw_uid if run_as.account else os.geteuid())


async def test_an_ordinary_user_needs_nothing(folder: Path) -> None:
    with neighbour(folder, first=enter_user_namespace if IS_ROOT else None) as user:
        assert await value(user.database_url, "SELECT 1") == 1
        assert {uid_of(pid) for pid in user.server_pids} == {os.geteuid()}


# Only root can become somebody else; an ordinary user has no such case to prove.
if IS_ROOT:

    def test_binaries_out_of_reach_are_copied_with_their_libraries(folder: Path, tmp_path: Path) -> None:
        package = wheel_binaries().parent.parent
        hidden = tmp_path / "hidden"
        hidden.mkdir(mode=0o700)
        for part in (package, package.with_name(f"{package.name}.libs")):
            (hidden / part.name).symlink_to(part)
        account = identity.service_account()
        binaries = account.reach(hidden / package.name / "pginstall" / "bin", folder)
        assert binaries.is_relative_to(folder)
        version = subprocess.run(
            [binaries / "psql", "--version"], capture_output=True, check=True, cwd="/", **account.popen
        )
        assert version.stdout.startswith(b"psql (PostgreSQL) 18")

    def test_a_folder_out_of_reach_is_named(tmp_path: Path) -> None:
        hidden = tmp_path / "hidden"
        hidden.mkdir(mode=0o700)
        with pytest.raises(Misconfigured, match="PRIKUS_DATA"):
            identity.service_account().reach(wheel_binaries(), hidden / "postgresql")
