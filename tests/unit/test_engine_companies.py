from __future__ import annotations

import polars as pl
import pytest

from scoring.companies import score_companies
from scoring.errors import FrameError
from tests.engine_builders import a_model

_PEOPLE = pl.DataFrame(
    {
        "company_no": [1, 1, 1, 1, 2, None, 3],
        "in_scope": [True, True, True, False, True, True, True],
        "disqualified": [False, False, False, None, True, False, False],
        "total": [80, 40, 5, None, 0, 50, 7],
        "trend": [10, 0, None, None, 0, 0, -3],
        "qualified": [True, False, False, None, False, True, False],
        "seniority": ["VP", " vp ", "intern", "c_level", "vp", "vp", None],
    }
)


@pytest.mark.parametrize(
    ("section", "total", "rise"),
    [
        ({"roll_up": "sum"}, 125, 15),
        ({"roll_up": "sum", "cap": 100}, 100, 0),
        ({"roll_up": "mean"}, 42, -13),
        ({"roll_up": "max"}, 80, 10),
        ({"roll_up": "top", "n": 2}, 60, 5),
        ({"roll_up": "top", "n": 4}, 31, 3),
        ({"roll_up": "weighted", "weights": {"by": "seniority", "vp": 1.5, "c_level": 2}}, 46, -9),
    ],
)
def test_scores_of_people_roll_up_to_their_company(section, total, rise):
    companies = score_companies(a_model(companies=section), _PEOPLE)

    assert companies.filter(company_no=1).select("total", "people", "qualified", "rise").row(0) == (total, 3, 1, rise)
    assert companies["company_no"].to_list() == [1, 2, 3]
    assert companies.filter(company_no=2).select("total", "people").row(0) == (0, 0)


def test_the_buying_group_is_the_roles_that_somebody_has():
    section = {"roll_up": "weighted", "weights": {"by": "seniority", "c_level": 2, "vp": 1.5, "intern": 0.5}}

    companies = score_companies(a_model(companies=section), _PEOPLE)

    assert companies["roles"].to_list() == [["vp", "intern"], [], []]


def test_a_lacking_column_is_named():
    with pytest.raises(FrameError, match="no column trend"):
        score_companies(a_model(companies={"roll_up": "sum"}), _PEOPLE.drop("trend"))
