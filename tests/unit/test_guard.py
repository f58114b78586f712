"""The guard counts what people would see change, not how emptiness is spelled."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from config.settings import Guard
from sync.deliver.guard import judge


@dataclass
class FakeOutbox:
    """Some written records, and what is due for them."""

    many: int
    due: list = field(default_factory=list)

    def written(self, _number, *, at_most):
        return self.many if at_most is None else min(self.many, at_most)

    def due_changes(self, _number):
        return iter(self.due)


@dataclass
class FakeUnit:
    """A unit with an outbox alone."""

    outbox: FakeOutbox


def judged(*due, written=100, **limits):
    return judge(FakeUnit(FakeOutbox(written, list(due))), 1, Guard(**limits))


SENT = {"score": 40, "grade": "B2", "changed_by": "activity"}


def test_a_checkbox_that_was_never_sent_is_the_same_as_an_empty_one():
    verdict = judged(*[({**SENT, "qualified": False, "disqualified": False, "changed_by": "model"}, SENT)] * 50)

    assert verdict.changes == 0
    assert not verdict.held


@pytest.mark.parametrize("change", [{"grade": "A1"}, {"qualified": True}, {"disqualified": True}])
def test_a_change_that_people_act_on_counts(change):
    verdict = judged(*[({**SENT, **change}, SENT)] * 11)

    assert verdict.changes == 11
    assert (
        "grade, qualified or disqualified of 11 of 100 written records (11.0 %, the guard allows 10 %)"
        in verdict.reason
    )


def test_a_number_that_moves_within_its_grade_does_not_count():
    assert judged(*[({**SENT, "score": 41}, SENT)] * 99).changes == 0


def test_blanks_are_told_before_changes():
    verdict = judged(*[(dict.fromkeys(SENT), SENT)] * 2)

    assert verdict.blanks == 2
    assert "would blank the score of 2 of 100 written records" in verdict.reason


def test_with_few_written_records_the_guard_does_not_hold():
    assert not judged(*[({**SENT, "grade": "A1"}, SENT)] * 24, written=24).held
    assert judged(*[({**SENT, "grade": "A1"}, SENT)] * 24, written=24, at_least=10).held
