"""What was asked of an org: counts by method, path template and status, for tests and for the demo's report."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One answered request; `path` is the path as it came, `template` the same with ids replaced."""

    method: str
    path: str
    template: str
    status: int


class Traffic:
    """Counts every call for ever and keeps the latest ones."""

    def __init__(self, keep: int = 10_000) -> None:
        self._lock = Lock()
        self.counts: Counter[tuple[str, str, int]] = Counter()
        self.recent: deque[Call] = deque(maxlen=keep)

    def note(self, method: str, path: str, status: int) -> None:
        """Counts one call; status 0 is a dropped connection."""
        call = Call(method=method, path=path, template=template_of(path), status=status)
        with self._lock:
            self.counts[method, call.template, status] += 1
            self.recent.append(call)

    def clear(self) -> None:
        """Starts counting anew."""
        with self._lock:
            self.counts.clear()
            self.recent.clear()

    @property
    def total(self) -> int:
        """All calls, refused ones included."""
        with self._lock:
            return sum(self.counts.values())

    def count(self, *, method: str | None = None, path: str = "", status: int | None = None) -> int:
        """Calls with this method and status whose template contains `path`."""
        with self._lock:
            return sum(
                calls
                for (held_method, template, held_status), calls in self.counts.items()
                if method in (None, held_method) and path in template and status in (None, held_status)
            )


def template_of(path: str) -> str:
    """The path with record ids, locators and API versions replaced by placeholders."""
    return "/".join(_segment(part) for part in path.split("/"))


def _segment(part: str) -> str:
    if part.isdigit():
        return "{id}"
    if len(part) in (15, 18) and part.isalnum() and part[0].isdigit():
        return "{id}"
    if part[:1] == "v" and part[1:].replace(".", "", 1).isdigit() and "." in part:
        return "{version}"
    if "-" in part and part.startswith("0r8"):
        return "{locator}"
    return part
