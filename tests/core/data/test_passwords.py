"""Passwords of the roles, in the one file of the data folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from prikus.data.roles import ROLES, RoleUrls, role_name


def test_processes_that_begin_at_once_forget_no_password(tmp_path: Path) -> None:
    """Each makes those of its own database; a lost one would lock its roles out."""
    at_once = Barrier(8)

    def begin(number: int) -> dict[str, str]:
        urls = RoleUrls(f"postgresql://localhost/base_{number}", tmp_path, {})
        at_once.wait()
        return urls.passwords()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(begin, range(8)))
    kept = RoleUrls("postgresql://localhost/base_0", tmp_path, {}).passwords()
    assert len(kept) == 8 * len(ROLES)
    for number, known in enumerate(made):
        mine = {role_name(f"base_{number}", role) for role in ROLES}
        assert {name: known[name] for name in mine} == {name: kept[name] for name in mine}
