"""How a vendor keeps records, what can happen to them, and what an org says about names it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from connectors.sandbox.records import Record


class UnknownObject(KeyError):
    """The org has no object of this name."""


class UnknownRecord(KeyError):
    """The org has no such record, not even in the recycle bin."""


class Happening(Enum):
    """What happened to a record, for hooks."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNDELETED = "undeleted"
    PURGED = "purged"
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One happening; `changed` holds the old values of the fields that changed."""

    kind: Happening
    object: str
    record: Record
    changed: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgRules:
    """How the vendor keeps records."""

    #: Stamps are cut to this many milliseconds (Salesforce: whole seconds).
    stamp_step: int = 1
    #: Deleting moves the modified and system stamps (Salesforce yes, HubSpot no).
    deletion_moves_stamps: bool = True
    #: Writing the value that is there already moves the stamps.
    same_value_moves_stamps: bool = True
    #: A merge makes a record with a new id and both old ones vanish (HubSpot); else the winner keeps its id.
    merge_gives_new_id: bool = False
