"""Logs go to stderr: in columns on a terminal, as JSON lines elsewhere; the level comes from the settings.

Nobody here logs a secret or an address on purpose. Should a library do it, both are blackened in every line.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from config.secrets import masked
from connectors.errors import without_addresses

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import TextIO

Level = Literal["debug", "info", "warning", "error"]


def level_named(word: str | None, otherwise: Level) -> Level:
    """The level of a name, for commands that have no settings."""
    return next((level for level in get_args(Level) if level == word), otherwise)


def set_up_logs(level: Level, *, stream: TextIO | None = None) -> None:
    """Send our logs, and those of libraries from warnings on, to stderr; may be called again to change the level."""
    import structlog

    stream = stream or cast("TextIO", _Stderr())
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _blackened,
    ]
    for_eyes = stream.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=True)
        if for_eyes
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _send_library_logs(stream, max(number, logging.WARNING), [*shared, renderer])


class _Stderr:
    """Whatever stderr is when a line is written: it may have been put elsewhere since."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


def _blackened(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value if name.startswith("_") else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    """Without secrets and addresses, however deep they lie."""
    if isinstance(value, str):
        return without_addresses(masked(value))
    if isinstance(value, dict):
        return {_clean(name): _clean(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _clean(str(value))


def _send_library_logs(stream: TextIO, level: int, processors: list[Any]) -> None:
    from structlog.stdlib import ProcessorFormatter

    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=processors[:-1],
            processors=[ProcessorFormatter.remove_processors_meta, processors[-1]],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not getattr(each, "of_leadgrade", False)]
    handler.of_leadgrade = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level)
