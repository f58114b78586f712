"""What the checker says about several models by segment: who is never scored, and by which model nobody is."""

from __future__ import annotations

from scoring.model_check_segments import check_segments
from scoring.model_file_segments import read_when, segment_nodes
from scoring.segments import Segment
from tests.engine_builders import a_model

A, B, C = (a_model(model=name, attributes={"seats": "number"}, horizon="365 days") for name in "abc")


def findings(text, *models, **provided):
    nodes = segment_nodes(text, name="leadgrade.yaml")
    entries = [
        Segment(model=model, when=None if node.when is None else read_when(node.when, model, name="leadgrade.yaml"))
        for node, model in zip(nodes, models, strict=True)
    ]
    found = check_segments(entries, [node.position for node in nodes], file="leadgrade.yaml", **provided)
    return [(each.line, each.column, each.severity.value, each.message) for each in found]


def test_sound_entries_have_no_findings():
    text = (
        "models:\n  - {model: a, when: {country: [DE, AT]}}\n  - {model: b, when: {seats: {gt: 5}}}\n  - {model: c}\n"
    )

    assert findings(text, A, B, C) == []


def test_an_entry_behind_one_that_holds_for_everybody_scores_nobody():
    text = "models:\n  - {model: a}\n  - {model: b, when: {country: DE}}\n"

    assert findings(text, A, B)[0] == (
        3,
        13,
        "warning",
        "this model scores nobody, because entry 1 above it has no `when` and so holds for everybody",
    )


def test_an_entry_behind_a_wider_one_scores_nobody():
    text = (
        "models:\n  - {model: a, when: {country: [DE, AT]}}\n"
        "  - {model: b, when: {country: DE, seats: {gt: 5}}}\n  - {model: c}\n"
    )

    assert findings(text, A, B, C) == [
        (
            3,
            13,
            "warning",
            "this model scores nobody, because entry 1 above it holds whenever its condition does",
        )
    ]


def test_a_last_entry_with_a_condition_leaves_people_without_a_score():
    text = "models:\n  - {model: a, when: {country: DE}}\n"

    assert findings(text, A) == [(2, 13, "warning", "whoever none of these conditions holds for gets no score at all")]


def test_conditions_are_checked_as_those_of_a_model():
    text = (
        "models:\n"
        "  - {model: a, when: {country: Germany}}\n"
        "  - {model: b, when: {seats: {gt: 5, lt: 3}}}\n"
        "  - {model: c, when: {happened: {on: page_view, within: 500 days}, titel: CEO}}\n"
        "  - {model: a, when: {industry: Software}}\n"
        "  - {model: b}\n"
    )

    found = findings(text, A, B, C, A, B, mapped_attributes={"country", "title"}, mapped_kinds={"note"})

    assert [(line, column) for line, column, *_ in found] == [
        (2, 32),
        (3, 23),
        (3, 23),
        (4, 33),
        (4, 38),
        (4, 68),
        (5, 23),
    ]
    messages = [message for *_, message in found]
    assert "ISO 3166-1" in messages[0]
    assert {messages[1], messages[2]} == {
        "nothing provides 'seats', so it is absent for everybody",
        "this condition can never hold",
    }
    assert any("looks back no further" in each for each in messages)
    assert any("no activities of kind page_view" in each for each in messages)
    assert any("'titel' is no attribute that Leadgrade knows" in each for each in messages)
    assert messages[-1] == "nothing provides 'industry', so it is absent for everybody"
