"""The proof: every record of both CRMs, read over HTTP, against what the store says it should hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_day, scoring_rules
from sync.store.sql.scoring_inputs import Who
from sync.values import normal_values

if TYPE_CHECKING:
    from sync.admin.demo.crm import Crm
    from sync.app import App
    from sync.values import Scalar, Values


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One field of one record that is not as computed."""

    connection: str
    object: str
    record_id: str
    output: str
    computed: Scalar
    found: Scalar


def unexplained(app: App) -> tuple[int, list[int]]:
    """(people in scope, those of them whose lines do not add up to the stored total)."""
    rules = scoring_rules(app, day=scoring_day(app), model=app.model)
    inputs = Rescore(store=app.store, clock=app.clock, rules=rules).inputs(Who())
    lines = pl.concat([each.lines(day=rules.day, assets=inputs.assets) for each in inputs.cohorts])
    sums = lines.group_by(pl.col("person_id").alias("person_no")).agg(pl.col("points").sum())
    scored = inputs.before.filter("in_scope").select("person_no", "total").join(sums, on="person_no", how="left")
    wrong = scored.filter(pl.col("points").fill_null(0) != pl.col("total"))
    return scored.height, wrong["person_no"].to_list()


def compare(app: App, connection: str, crm: Crm) -> tuple[int, list[Difference]]:
    """(records that hold a score, differences) of one connection: its contacts and its accounts.

    A record without an outbox entry must hold nothing of ours; one with an entry must hold exactly what is wanted.
    """
    row, field_map = app.connection(connection), app.field_map(connection)
    wanted: dict[tuple[str, str], Values] = {}
    with app.store.read() as unit:
        for block in unit.outbox.entries(row.connection_no):
            wanted |= {(entry.object, entry.record_id): entry.desired for entry in block if entry.desired is not None}
    scored, differences = 0, []
    for object_name in (*field_map.contacts, *field_map.accounts):
        outputs = field_map.outputs.get(object_name, {})
        if not outputs:
            continue
        names = {field: output for output, field in outputs.items()}
        for record_id, values in crm.records(object_name, list(names)):
            found = normal_values({names[field]: value for field, value in values.items()})
            computed = normal_values(wanted.pop((object_name, record_id), dict.fromkeys(found)))
            scored += any(found.get(name) is not None for name in ("score", "company_score"))
            differences += [
                Difference(
                    connection=connection,
                    object=object_name,
                    record_id=record_id,
                    output=output,
                    computed=computed.get(output),
                    found=value,
                )
                for output, value in found.items()
                if computed.get(output) != value
            ]
    differences += [
        Difference(
            connection=connection, object=name, record_id=record_id, output="*", computed="an entry", found="no record"
        )
        for name, record_id in wanted
    ]
    return scored, differences
