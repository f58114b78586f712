"""Patience: which errors of a CRM are tried again at once, how often and how long apart. The table is sync.recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from connectors.errors import Throttled
from sync.recovery import Access, Act, decide

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.clock import Clock

T = TypeVar("T")

#: Tries of one page or batch before the connection's part of the run is suspended.
TRIES = 5
#: A CRM that asks for more seconds than this is not waited for: the run suspends.
LONGEST_WAIT = 60.0

_AGAIN = frozenset({Act.WAIT, Act.BACK_OFF, Act.RETRY})
_GROWING = wait_random_exponential(multiplier=1.0, max=LONGEST_WAIT)


def patiently(call: Callable[[], T], access: Access, clock: Clock) -> T:
    """Call until it succeeds, tries are used up, or the error is not worth another try; then that error is raised."""
    retrying = Retrying(
        retry=retry_if_exception(lambda error: _worth_another_try(error, access)),
        wait=_pause,
        stop=stop_after_attempt(TRIES),
        sleep=clock.sleep,
        reraise=True,
    )
    return retrying(call)


def _worth_another_try(error: BaseException, access: Access) -> bool:
    if isinstance(error, Throttled) and error.retry_after > LONGEST_WAIT:
        return False
    return decide(error, access) in _AGAIN


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, Throttled):
        return error.retry_after
    return float(_GROWING(state))
