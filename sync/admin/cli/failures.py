"""Errors as people and scripts see them: a message with the place and the next step on stderr, and an exit code.

0 done · 1 failed · 2 wrong use (also of the settings) · 3 needs attention. This is the only place that decides it.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from config.errors import SettingsError
from config.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExitCode(IntEnum):
    """What scripts may rely on."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    NEEDS_ATTENTION = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An error in words."""

    message: str
    code: ExitCode
    next_step: str | None = None


class WrongUse(Exception):
    """The command was given something that it cannot work with."""

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.next_step = next_step


class Refused(Exception):
    """The command will not do this; the message says why."""

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.next_step = next_step


@contextmanager
def failures_become_exits() -> Iterator[None]:
    """Report any error on stderr and leave with its exit code."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.TyperException):
        raise
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise  # whoever read our output has left; nothing to say, and nobody to say it to
        failure = explain_failure(error)
        report(failure)
        raise typer.Exit(failure.code) from None


def report(failure: Failure) -> None:
    """Print a failure on stderr."""
    print(f"error: {failure.message}", file=sys.stderr)
    if failure.next_step:
        print(f"next: {failure.next_step}", file=sys.stderr)


def explain_failure(error: BaseException) -> Failure:
    """What an error means for whoever typed the command."""
    if isinstance(error, KeyboardInterrupt):
        return Failure(
            message="stopped; what was done is stored",
            code=ExitCode.FAILED,
            next_step="the same command again goes on from there",
        )
    if isinstance(error, SettingsError):
        return Failure(message=error.message, next_step=error.next_step, code=ExitCode.WRONG_USE)
    if isinstance(error, WrongUse):
        return Failure(message=str(error), next_step=error.next_step, code=ExitCode.WRONG_USE)
    if isinstance(error, Refused):
        return Failure(message=str(error), next_step=error.next_step, code=ExitCode.FAILED)
    return _of_a_package(error) or _of_the_machine(error) or _bug(error)


def _of_a_package(error: BaseException) -> Failure | None:
    """Errors of our packages; imported here because a command that never fails should not pay for them."""
    from connectors.errors import ConnectorError, NeedsAttention
    from scoring.errors import ModelError, ScoringError
    from sync.errors import SyncError

    if isinstance(error, ModelError):
        return Failure(
            message=f"the scoring model cannot be used\n{error}",
            next_step="correct these places, then leadgrade model check FILE",
            code=ExitCode.FAILED,
        )
    if isinstance(error, ConnectorError):
        code = ExitCode.NEEDS_ATTENTION if isinstance(error, NeedsAttention) else ExitCode.FAILED
        return Failure(message=_with_place(error), next_step=error.next_step or _patience(error), code=code)
    if isinstance(error, SyncError):
        return Failure(message=error.message, next_step=error.next_step, code=ExitCode.FAILED)
    if isinstance(error, ScoringError):
        return Failure(message=str(error), code=ExitCode.FAILED)
    return None


def _with_place(error: BaseException) -> str:
    """The message with connection, stream and record, without the next step that stands on a line of its own."""
    text, step = str(error), getattr(error, "next_step", None)
    return text.removesuffix(f" Next: {step}") if step else text


def _patience(error: BaseException) -> str | None:
    from connectors.errors import QuotaSpent, Throttled, Unavailable

    if isinstance(error, QuotaSpent):
        when = f" (from {error.until:%Y-%m-%d %H:%M} UTC)" if error.until else ""
        return f"the same again when the CRM's daily quota is back{when}; what was done is stored"
    if isinstance(error, Throttled | Unavailable):
        return "the same again in a while; it goes on where it stopped"
    return None


def _of_the_machine(error: BaseException) -> Failure | None:
    """Files and memory."""
    if isinstance(error, MemoryError):
        return Failure(message="there is not enough memory", code=ExitCode.FAILED)
    if isinstance(error, OSError) and error.errno in _PLACES:
        place = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        reason = (error.strerror or "it cannot be used").lower()
        return Failure(message=place + reason, code=ExitCode.FAILED, next_step=_PLACES[error.errno])
    return None


_PLACES: dict[int | None, str] = {
    errno.ENOENT: "check the path",
    errno.EACCES: "give this user the right to it, or name another place",
    errno.EPERM: "give this user the right to it, or name another place",
    errno.ENOSPC: "free some room, then the same again",
    errno.EROFS: "name a place that can be written",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "check the path",
}


def _bug(error: BaseException) -> Failure:
    """Anything else is our mistake: say so in a line, keep the traceback in a file that only this user reads."""
    kind = type(error).__name__
    place = _kept_traceback(error)
    where = f"the traceback is in {place}" if place else "its traceback could not be stored"
    return Failure(
        message=f"this is a bug in Leadgrade ({kind}); {where}",
        next_step="report it with that file, after a look for what should not leave your house",
        code=ExitCode.FAILED,
    )


def _kept_traceback(error: BaseException) -> Path | None:
    try:
        handle, name = tempfile.mkstemp(prefix="leadgrade-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(masked(line) for line in traceback.format_exception(error))
    except OSError:
        return None
    return Path(name)
