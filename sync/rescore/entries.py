"""An outbox entry as a rescore leaves it: what is wanted, whether it is due, what a refusal still means. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.errors import RefusalScope
from sync.values import SILENT, changed, drifted, is_due, is_urgent, normal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync.rescore.scoring_run import Rules
    from sync.store.sql.outbox import Entry
    from sync.values import Values


def entry_row(
    owner: Mapping[str, Any],
    entry: Entry | None,
    desired: Values,
    *,
    rules: Rules,
    version: str,
    run_no: int | None,
    now: datetime,
) -> dict[str, Any] | None:
    """The row to store; None when the entry stays as it is.

    Args:
        owner: The record's key, its shard, and whose it is (`person_no` and `contact_no`, or `account_no`).
        entry: The entry as it is.
        desired: What the record should hold.
        rules: Of the rescore.
        version: Of the model that gave the score.
        run_no: The run that wants it.
        now: The instant of the rescore.
    """
    sent = known(entry) if entry is not None else None
    due = is_due(desired, sent, deadband=rules.deadband_of(owner["shard"]))
    # What something else has overwritten stays due until it is healed; a rewrite heals whatever was seen to differ.
    due = due or (entry is not None and (entry.due or rules.force) and _overwritten(entry))
    if sent is not None and SILENT.issuperset(changed(desired, sent)):
        # The record holds all of it: when and why it was written is told there.
        desired = desired | {name: sent.get(name) for name in SILENT if name in desired}
    same = entry is not None and _without_stamp(desired) == _without_stamp(entry.desired or {})
    dead = entry is not None and entry.refusal is not None
    if entry is not None and same and (dead or due == entry.due):
        return None
    # A refused value is dead, a new one gets a new chance; a refused record or object waits for a change of its own.
    still_dead = dead and entry is not None and entry.refusal_scope != RefusalScope.VALUE.value
    due = due and not still_dead
    return {
        "person_no": None,
        "contact_no": None,
        "account_no": None,
        **owner,
        "desired": desired,
        "sent": sent,
        "due": due,
        "urgent": due and is_urgent(desired, sent),
        "due_at": now if due else None,
        "attempts": 0,
        "refusal": entry.refusal if still_dead and entry is not None else None,
        "refusal_text": entry.refusal_text if still_dead and entry is not None else None,
        "refusal_scope": entry.refusal_scope if still_dead and entry is not None else None,
        "model_version": version,
        "run_no": run_no,
    }


def known(entry: Entry) -> Values | None:
    """What the record holds as far as we know: what we sent, else what a first load saw there."""
    if entry.sent is not None:
        return entry.sent
    filled = {name: normal(name, value) for name, value in (entry.observed or {}).items()}
    return filled if any(value not in (None, False) for value in filled.values()) else None


def _overwritten(entry: Entry) -> bool:
    """Whether the record was seen with other values than ours, after our last write."""
    if entry.sent_at is None or entry.observed_at is None or entry.observed_at <= entry.sent_at:
        return False
    return bool(drifted(entry.sent, entry.observed, [name for name in entry.sent or {} if name not in SILENT]))


def worth_writing(desired: Values, entry: Entry | None, rules: Rules) -> bool:
    """Whether these values alone make a write due, or move one that is due already."""
    if rules.deadband == 0 or rules.force or entry is None:
        return True
    return entry.due or is_due(desired, known(entry), deadband=rules.deadband_of(entry.shard))


def _without_stamp(values: Values) -> Values:
    return {name: value for name, value in values.items() if name not in SILENT}
