"""The outside failed: what may be tried again and what is final.

Messages never carry a secret; the driver's own exception is kept as the cause.
"""

from datetime import timedelta


class Fault(Exception):
    """Something outside the program failed. `definite` says that the effect asked for surely did not happen."""

    definite = False


class TransientFault(Fault):
    """The same call may succeed later; `retry_after` is the delay that the other side asked for."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentFault(Fault):
    """The same call will fail again until somebody changes something."""
