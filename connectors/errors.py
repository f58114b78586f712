"""Errors of the connectors, sorted by what to do next, not by where they came from.

* ConnectorError
  x NeedsAttention   a human must act; the scope says what is paused meanwhile
  x QuotaSpent       the day's share of calls is used; resumes by itself at `until`
  x Throttled        the CRM asked to wait `retry_after` seconds
  x Unavailable      network, 5xx, timeout; back off and resume at the checkpoint
  x Rejected         this record or value will not be accepted; quarantine or dead letter
  x Contended        row lock or edit conflict; retry with jitter
  x Gone             deleted, merged or converted; `moved_to` names the successor

Foreign exceptions never leave a connector: each is mapped to one of these (a test enumerates them). `connection_context`
stamps connection, stream and record id on any of them on its way out. Messages hold ids, never personal data or secrets: e-mail
addresses in a CRM's own words are blackened.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


#: An address in a URL, too.
_ADDRESS = re.compile(r"[\w.+\-]+(?:@|%40)[\w\-]+(?:\.[\w\-]+)+")


def without_addresses(text: str) -> str:
    """The text with every e-mail address blackened: CRMs quote them in their own words."""
    return _ADDRESS.sub("(address)", text)


class Scope(StrEnum):
    """What a NeedsAttention pauses."""

    CONNECTION = "connection"
    OBJECT = "object"
    FIELD = "field"


class RefusalScope(StrEnum):
    """What must change before a refused write is worth another try."""

    VALUE = "value"
    RECORD = "record"
    OBJECT = "object"


class ConnectorError(Exception):
    """Something went wrong while speaking to a CRM."""

    def __init__(self, message: str | None = None, *, next_step: str | None = None) -> None:
        self.message = without_addresses(message or (self.__doc__ or "").strip())
        #: The command or click that helps, for people.
        self.next_step = next_step
        self.connection: str | None = None
        self.stream: str | None = None
        self.record_id: str | None = None
        super().__init__(self.message)

    def __str__(self) -> str:
        where = " ".join(
            f"{name}={value}"
            for name, value in (("connection", self.connection), ("stream", self.stream), ("record", self.record_id))
            if value
        )
        text = f"{self.message} [{where}]" if where else self.message
        return f"{text} Next: {self.next_step}" if self.next_step else text


class NeedsAttention(ConnectorError):
    """A human must act before this part can go on."""

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str = "attention",
        scope: Scope = Scope.CONNECTION,
        subject: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)
        #: Short stable word for programs: credentials, permission, schema, org_changed, configuration, drift…
        self.code = code
        self.scope = scope
        #: The object or object.field that is meant when the scope is not the connection.
        self.subject = subject


class QuotaSpent(ConnectorError):
    """The configured share of the day's API calls is used."""

    def __init__(self, message: str | None = None, *, until: datetime | None = None) -> None:
        super().__init__(message)
        #: When the quota is available again, as far as the CRM tells.
        self.until = until


class Throttled(ConnectorError):
    """The CRM asked to slow down."""

    def __init__(self, message: str | None = None, *, retry_after: float = 10.0) -> None:
        super().__init__(message)
        #: Seconds to wait.
        self.retry_after = retry_after


class Unavailable(ConnectorError):
    """The CRM does not answer or fails on its side."""


class Rejected(ConnectorError):
    """The CRM will not accept this record or value."""

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str = "rejected",
        fields: tuple[str, ...] = (),
        scope: RefusalScope = RefusalScope.VALUE,
    ) -> None:
        super().__init__(message)
        #: The CRM's own code.
        self.code = code
        self.fields = fields
        self.scope = scope


class Contended(ConnectorError):
    """Another transaction holds the record; try again."""


class Gone(ConnectorError):
    """The record is deleted, merged or converted."""

    def __init__(self, message: str | None = None, *, moved_to: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        #: (object, record id) of the successor, when there is one.
        self.moved_to = moved_to


@contextmanager
def connection_context(connection: str, stream: str | None = None, record_id: str | None = None) -> Iterator[None]:
    """Stamp where an error happened on any ConnectorError that passes; the innermost stamp wins."""
    try:
        yield
    except ConnectorError as error:
        error.connection = error.connection or connection
        error.stream = error.stream or stream
        error.record_id = error.record_id or record_id
        raise
