"""Runs a command that ends when its parent ends, however the parent ends.

Run as a script, without the project on the path: `leash.py <parent> <signal> <account> <command...>`; the account
is empty to stay the same user. The process keeps its id: the command takes its place.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(account: str) -> None:
    """Give up the rights of root for those of the account."""
    entry = pwd.getpwnam(account)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def tie(parent: int, signal_number: int) -> None:
    """Ask the kernel for the signal when the parent dies; only Linux can do it."""
    if sys.platform == "linux":
        # After the change of user: that would clear it.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent ended before the command began")


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the command."""
    parent, signal_number, account, *command = arguments
    os.umask(0o077)
    if account:
        become(account)
    tie(int(parent), int(signal_number))
    os.execvp(command[0], command)  # noqa: S606  # becoming the command is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
