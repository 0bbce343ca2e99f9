"""The one recipe for effects outside: intent, fence, settle wait, look-up, result. See reliability 4.1."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from temporalio.exceptions import ApplicationError

from activities.ports import EffectLog, Intent
from aims.errors import AimsError

T = TypeVar("T")

_LOOK_AGAIN = timedelta(seconds=1)  # whoever is at it is usually done at once; only a lost attempt stays in doubt


@dataclass(frozen=True)
class Effect(Generic[T]):
    """One effect on the world: how to bring it about, how to find it again, and how long it may stay in doubt.

    `quiet` is at least the client's time-out, the provider's slowest processing and its index lag together.
    """

    key: str
    kind: str
    case: str
    quiet: timedelta
    call: Callable[[], Awaitable[T]]
    find: Callable[[datetime], Awaitable[T | None]]
    encode: Callable[[T], str]
    decode: Callable[[str], T]


async def once(log: EffectLog, effect: Effect[T]) -> T:
    """Bring an effect about effectively once, and return its result, whoever brought it about.

    Raises:
        ApplicationError: While an earlier attempt is in doubt; carries the delay after which to look again.

    """
    intent = await log.claim(effect.key, kind=effect.kind, case=effect.case, quiet=effect.quiet)
    if intent.result is not None:
        return effect.decode(intent.result)
    if not intent.claimed:
        raise ApplicationError(
            f"Effect {effect.key} is in doubt; looking again soon; it settles in {intent.quiet_for}.",
            type="EffectInDoubt",
            next_retry_delay=min(intent.quiet_for, _LOOK_AGAIN),
        )
    found = await effect.find(intent.started_at) if intent.state == "sending" else None
    result = found if found is not None else await _called(log, effect, intent=intent)
    await log.settle(effect.key, fence=intent.fence, result=effect.encode(result))
    return result


async def _called(log: EffectLog, effect: Effect[T], *, intent: Intent) -> T:
    try:
        return await effect.call()
    except Exception as problem:
        if isinstance(problem, AimsError) or getattr(problem, "definite", False):
            await log.release(effect.key, fence=intent.fence, problem=str(problem))
        raise
