"""Scores of companies: rolled up from the stored scores of their people, then wanted in their accounts.

Where there are several models the first with a section `companies` rolls up the people of all of them.
Only companies that are stale are taken apart. After a rescore of everybody all scores are rolled up at once, and those
companies become stale whose score is not what is stored.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from scoring.companies import score_companies
from sync.rescore.entries import entry_row, worth_writing
from sync.store.shards import shard_of
from sync.store.types import canonical_json
from sync.values import normal_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scoring.model import Companies, Model
    from sync.clock import Clock
    from sync.rescore.scoring_run import Rules
    from sync.store.sql.company_scores import WrittenAccount
    from sync.store.unit import Store, Unit
    from sync.values import Values

#: Companies in one transaction.
BATCH = 1_000
#: Column of the engine's answer -> column of the store.
_COLUMNS = {"total": "score", "people": "people", "qualified": "qualified", "roles": "covered", "rise": "rise"}


@dataclass(kw_only=True)
class CompanyRescore:
    """One rescore of companies, after their people."""

    store: Store
    clock: Clock
    rules: Rules
    workspace_no: int
    run_no: int | None = None
    fence: Callable[[Unit], None] = field(default=lambda _unit: None)

    def moved(self) -> list[int]:
        """After a rescore of everybody: the companies whose score is not what is stored."""
        if self._section is None:
            return []
        with self.store.read() as unit:
            now = self._rolled_up(unit, None)
            mine = unit.company_scores.frame(self.workspace_no)
        both = now.join(mine, on="company_no", how="full", coalesce=True, suffix=".old")
        differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}.old")) for name in _COLUMNS.values())
        return [int(number) for number in both.filter(differs)["company_no"]]

    def mark(self, unit: Unit, moved: Sequence[int]) -> None:
        """Make those stale, and whatever has an account when all records are to be looked at. Joins the caller's unit."""
        if self._section is None:
            unit.company_scores.clear(self.workspace_no)
            unit.outbox.drop_accounts([row.connection_no for row in unit.connections.all(self.workspace_no)])
            return
        if self.rules.force or self.rules.every_record:
            unit.company_scores.stale_with_accounts(self.workspace_no)
        unit.companies.mark_stale(moved)

    def waiting(self) -> int:
        """Companies that must be looked at."""
        if self._section is None:
            return 0
        with self.store.read() as unit:
            return unit.company_scores.count_stale(self.workspace_no)

    def batch(self) -> Counter[str] | None:
        """Look at some stale companies: score them and their accounts' wanted values; None when there are none left."""
        if self._section is None:
            return None
        with self.store.write() as unit:
            self.fence(unit)
            numbers = unit.company_scores.stale(self.workspace_no, limit=BATCH)
            if not numbers:
                return None
            rows = {row["company_no"]: row for row in self._rolled_up(unit, numbers).iter_rows(named=True)}
            self._store(unit, numbers, rows)
            wanted = self._want(unit, numbers, rows)
            unit.company_scores.settle(numbers)
        return Counter(companies=len(numbers), wanted=wanted)

    @property
    def _model(self) -> Model:
        """The model that rolls up: only companies that are rolled up get here."""
        model = self.rules.segments.companies
        if model is None:
            message = "no model has a section companies"
            raise ValueError(message)
        return model

    @property
    def _section(self) -> Companies | None:
        model = self.rules.segments.companies
        return model.companies if model is not None else None

    def _rolled_up(self, unit: Unit, numbers: Sequence[int] | None) -> pl.DataFrame:
        """`company_no` and the columns of the store; `covered` as its text there."""
        weights = self._section.weights if self._section is not None else None
        role = weights.attribute if weights is not None else None
        people = unit.company_scores.people(self.workspace_no, numbers, role)
        if role is not None:
            people = people.rename({"role_value": role})
        scored = score_companies(self._model, people).rename(_COLUMNS)
        # As it stands in the store, so that it can be compared.
        texts = pl.col("covered").map_elements(lambda roles: canonical_json(list(roles)), return_dtype=pl.String)
        return scored.with_columns(texts)

    def _store(self, unit: Unit, numbers: Sequence[int], rows: Mapping[int, Mapping[str, Any]]) -> None:
        stored = {
            row["company_no"]: row
            for row in unit.company_scores.frame(self.workspace_no, numbers).iter_rows(named=True)
        }
        unit.company_scores.drop(stored.keys() - rows.keys())
        changed = [
            row
            for number, row in rows.items()
            if any(stored.get(number, {}).get(name) != row[name] for name in _COLUMNS.values())
        ]
        stamp = {"day": self.rules.day, "version": self.rules.version}
        unit.company_scores.store([{**row, "covered": json.loads(row["covered"]), **stamp} for row in changed])

    def _want(self, unit: Unit, numbers: Sequence[int], rows: Mapping[int, Mapping[str, Any]]) -> int:
        """Put wanted values of the companies' accounts into the outbox; how many records are newly due."""
        accounts = unit.company_scores.accounts(numbers)
        entries = {entry.account_no: entry for entry in unit.outbox.of_accounts(each.account_no for each in accounts)}
        stored, dropped, newly = [], [], 0
        for account in accounts:
            entry, row = entries.get(account.account_no), rows.get(account.company_no)
            outputs = self._outputs(account)
            if not outputs or not account.writable or account.gone_at is not None:
                dropped += [entry.key] if entry is not None else []
                continue
            if row is None and entry is None:
                continue
            desired = _values(row, outputs)
            if not worth_writing(desired, entry, self.rules):
                continue
            made = entry_row(
                _owner(account),
                entry,
                desired,
                rules=self.rules,
                version=self.rules.version,
                run_no=self.run_no,
                now=self.clock.now(),
            )
            if made is not None:
                newly += made["due"] and not (entry is not None and entry.due)
                stored.append(made)
        unit.outbox.want(stored)
        unit.outbox.drop(dropped)
        return newly

    def _outputs(self, account: WrittenAccount) -> frozenset[str]:
        return self.rules.outputs.get(account.connection_no, {}).get(account.object, frozenset())


def _values(row: Mapping[str, Any] | None, outputs: frozenset[str]) -> Values:
    """What an account should hold; empty, never 0, when nobody of the company is scored."""
    wanted: dict[str, Any] = dict.fromkeys(("score", "people", "qualified", "rise", "roles"))
    if row is not None:
        wanted |= {name: row[name] for name in ("score", "people", "qualified", "rise")}
        wanted["roles"] = ", ".join(json.loads(row["covered"]))
    named = {f"company_{name}": value for name, value in wanted.items()}
    return normal_values({name: value for name, value in named.items() if name in outputs})


def _owner(account: WrittenAccount) -> dict[str, Any]:
    return {
        "connection_no": account.connection_no,
        "object": account.object,
        "record_id": account.record_id,
        "shard": shard_of(account.company_no),
        "account_no": account.account_no,
    }
