"""Logs go to stderr: in columns on a terminal, as JSON lines elsewhere; the level comes from the settings."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from typing import TextIO

Level = Literal["debug", "info", "warning", "error"]


def set_up_logs(level: Level, *, stream: TextIO | None = None) -> None:
    """Send our logs, and those of libraries from warnings on, to stderr; may be called again to change the level."""
    import structlog

    stream = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
