"""What a write asks for in its headers."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.sandbox.wire import WireRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteOptions:
    """How records are saved."""

    #: The active assignment rule runs.
    assign: bool = False
    #: Duplicate rules that only alert do not refuse.
    allow_duplicates: bool = False


def options_of(request: WireRequest) -> WriteOptions:
    """The options of a REST write: Salesforce runs assignment rules unless told otherwise, on updates too."""
    duplicates = request.headers.get("Sforce-Duplicate-Rule-Header", "").replace(" ", "").casefold()
    return WriteOptions(
        assign=request.headers.get("Sforce-Auto-Assign", "TRUE").strip().casefold() != "false",
        allow_duplicates="allowsave=true" in duplicates.split(";"),
    )
