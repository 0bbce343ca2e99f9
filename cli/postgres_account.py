"""The user that the embedded PostgreSQL runs as when the stack is started by root."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import structlog

from cli.postgres_files import programs
from cli.supervisor import StackFailed

ACCOUNT = "aims-postgres"

log = structlog.get_logger("aims.postgres")


def ensure_account(folder: Path) -> str:
    """Return the account to run PostgreSQL as: empty for an ordinary user, who runs it as themselves.

    For root the account is made when missing, and may pass through (not list) the folders above the data and above
    the programs; each folder that had to be changed is logged.

    Raises:
        StackFailed: When the account cannot be made.

    """
    if os.geteuid() != 0:
        return ""
    if not _exists():
        _make()
    for path in (folder / "postgres", programs() / "postgres"):
        for parent in path.absolute().parents:
            _let_through(parent)
    return ACCOUNT


def _exists() -> bool:
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return False
    return True


def _make() -> None:
    command = shutil.which("useradd")
    if command is None:
        raise StackFailed("PostgreSQL does not run as root, and useradd is missing. Start as an ordinary user.")
    made = subprocess.run(  # noqa: S603  # fixed arguments
        [command, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode and not _exists():
        raise StackFailed(f"The account {ACCOUNT} cannot be made: {made.stderr.strip()} Start as an ordinary user.")


def _let_through(folder: Path) -> None:
    mode = folder.stat().st_mode
    if not mode & stat.S_IXOTH:
        folder.chmod(mode | stat.S_IXOTH)
        log.warning("folder opened for passing through", folder=str(folder), account=ACCOUNT)
