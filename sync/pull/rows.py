"""From connectors' records to the store's rows: texts, derived attributes, fingerprints."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from scoring.attributes import DERIVED_VERSION, derive
from sync.people.encoding import encode_all
from sync.store.account_rows import AccountRow
from sync.store.activity_rows import ActivityRow
from sync.store.contact_rows import ContactRow
from sync.store.opportunity_rows import OpportunityRow
from sync.store.types import canonical_json

if TYPE_CHECKING:
    from connectors.records import AccountRecord, ActivityRecord, ContactRecord, OpportunityRecord, Ref

#: Attributes that move without anybody having changed the record: our own writes move the first, activities the second.
_RESTLESS: Final = frozenset({"modified_at", "last_activity_on"})


def contact_row(record: ContactRecord) -> ContactRow:
    """One contact, ready to be stored."""
    attributes = encode_all(record.attributes)
    email = attributes.get("email", "").strip().lower() or None
    return ContactRow(
        ref=record.ref,
        attributes=attributes,
        derived=encode_all(derive(record.attributes)),
        derived_version=DERIVED_VERSION,
        fingerprint=_fingerprint(attributes, record.account),
        email=email,
        account=record.account,
        created_at=record.created_at,
        modified_at=record.modified_at,
        writable=record.writable,
        unwritable_reason=record.unwritable_reason,
    )


def activity_row(record: ActivityRecord) -> ActivityRow:
    """One activity, ready to be stored."""
    return ActivityRow(record=record, fingerprint=_digest(_plain(record, without=("modified_at",))))


def opportunity_row(record: OpportunityRecord) -> OpportunityRow:
    """One opportunity, ready to be stored."""
    return OpportunityRow(record=record, fingerprint=_digest(_plain(record, without=("modified_at",))))


def account_row(record: AccountRecord) -> AccountRow:
    """One account, ready to be stored."""
    attributes = encode_all(record.attributes)
    return AccountRow(
        ref=record.ref,
        attributes=attributes,
        derived=encode_all(derive(record.attributes)),
        derived_version=DERIVED_VERSION,
        fingerprint=_fingerprint(attributes, None),
        created_at=record.created_at,
        modified_at=record.modified_at,
        writable=record.writable,
    )


def _fingerprint(attributes: dict[str, str], account: Ref | None) -> str:
    steady = {name: text for name, text in attributes.items() if name not in _RESTLESS}
    return _digest([steady, [account.object, account.id] if account else None])


def _plain(record: Any, *, without: tuple[str, ...]) -> dict[str, str]:
    return {each.name: repr(getattr(record, each.name)) for each in fields(record) if each.name not in without}


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:32]
