"""The connection pool, and what a failure of PostgreSQL means."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import asyncpg

from adapters.faults import Fault, PermanentFault, TransientFault

# A lock or a forgotten transaction must never hold up the people behind it.
SERVER_SETTINGS = {
    "application_name": "aims",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
}
# Classes of SQLSTATE that pass by themselves: 08 connection, 25P03 idle transaction ended, 25006 standby,
# 40 deadlock and serialization, 53 disk, memory, connections, 55P03 lock, 57 shutdown and start-up, 58 I/O.
PASSING = ("08", "25P03", "25006", "40", "53", "55P03", "57", "58")


async def open_pool(dsn: str, *, size: int = 10, command_timeout: timedelta = timedelta(seconds=10)) -> asyncpg.Pool:
    """Open a pool whose connections carry JSON as Python values and give up early.

    Raises:
        TransientFault: When the server cannot be reached now.
        PermanentFault: When it refuses the credentials or the database.

    """
    with translate_faults():
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            command_timeout=command_timeout.total_seconds(),
            timeout=command_timeout.total_seconds(),
            server_settings=SERVER_SETTINGS,
            init=_carry_json,
        )


@contextmanager
def translate_faults() -> Iterator[None]:
    """Turn what the driver raises into a fault; the driver's exception stays the cause.

    Raises:
        TransientFault: For what passes by itself.
        PermanentFault: For a broken constraint, wrong data, a wrong statement, a missing permission.

    """
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _fault(error) from error
    except (asyncpg.ClientConfigurationError, asyncpg.UnsupportedClientFeatureError) as error:
        raise PermanentFault(f"The PostgreSQL driver refuses the URL: {type(error).__name__}.") from error
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # The driver reports a connection or pool that was closed meanwhile as a wrong use of its interface, and one
        # that was cut in the middle of a statement as a wrong state of its own.
        raise TransientFault(f"PostgreSQL cannot be reached: {type(error).__name__}.") from error


def _fault(error: asyncpg.PostgresError) -> Fault:
    # The server's own message may quote the data; the name and the code are enough to act on.
    code = getattr(error, "sqlstate", None) or "none"
    constraint = getattr(error, "constraint_name", None)
    where = f", constraint {constraint}" if constraint else ""
    kind = TransientFault if code.startswith(PASSING) else PermanentFault
    return kind(f"PostgreSQL: {type(error).__name__} (SQLSTATE {code}{where}).")


async def _carry_json(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
