"""A product's score that moves alone is a change of the score."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from scoring.compile import compile_model
from scoring.engine import score
from scoring.model_file import load_model
from sync.rescore.changes import changed_people, score_rows
from sync.rescore.desired import numbers
from sync.store.sql.scores import SCORE_TABLE_COLUMNS
from sync.store.types import canonical_json

MODEL = """\
model: lines
total: {floor: 0, cap: 10}
dimensions:
  loyalty:
    kind: attributes
    rules:
      - {id: old, label: Old customer, when: {relation: {present: true}}, points: 3}
engagement:
  rules:
    - {id: page, label: Page, on: page_view, points: 10, products: [suite]}
    - {id: form, label: Form, on: form_submitted, points: 10, products: [cloud]}
products:
  suite: {}
  cloud: {}
"""
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def scored(*kinds):
    people = pl.DataFrame({"person_id": [1], "relation": ["partner"]})
    activities = pl.DataFrame(
        {"person_id": [1] * len(kinds), "kind": list(kinds), "at": [NOW] * len(kinds)},
        schema={"person_id": pl.Int64, "kind": pl.String, "at": pl.Datetime("us", "UTC")},
    )
    return score(
        compile_model(load_model(MODEL, name="lines.yaml", read_list=str)), people, activities, day=date(2026, 11, 20)
    )


def stored(scores):
    people = pl.DataFrame({"person_no": [1], "shard": [0]})
    (row,) = score_rows(scores, people, {}, now=NOW)
    row["others"] = canonical_json(row["others"])
    texts = {"disqualify_code", "disqualify_codes", "attention_code", "others", "grade"}
    return pl.DataFrame([row], schema_overrides=dict.fromkeys(texts, pl.String)).select(SCORE_TABLE_COLUMNS), row


def test_the_same_scores_have_not_changed():
    scores = scored("page_view")

    assert changed_people(scores, stored(scores)[0]) == set()


def test_a_product_that_moves_while_the_total_stands_is_a_change():
    before = scored("page_view", "page_view")
    after = scored("page_view", "form_submitted")

    assert before["total"].to_list() == after["total"].to_list()
    assert changed_people(after, stored(before)[0]) == {1}


@pytest.mark.parametrize(("in_scope", "points"), [(True, 10), (False, None)])
def test_products_and_dimensions_are_wanted_by_their_names(in_scope, points):
    _, row = stored(scored("page_view"))
    row |= {"others": {"product_suite": 10, "product_cloud": 0, "dimension_loyalty": 3}, "in_scope": in_scope}

    wanted = numbers(
        row,
        completeness=None,
        reason=None,
        attention="Look" if in_scope else None,
        of_model=["product_suite", "dimension_loyalty", "product_gone"],
    )

    assert wanted["product_suite"] == points
    assert wanted["dimension_loyalty"] == (3 if in_scope else None)
    assert wanted["product_gone"] is None
    assert wanted["attention"] == ("Look" if in_scope else None)
