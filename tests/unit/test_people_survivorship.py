from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, permutations

from sync.people.survivorship import Source, completeness, survive

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)


def a_source(connection="crm", *, born=0, modified=None, changed=None, **attributes):
    return Source(
        connection=connection,
        attributes=attributes,
        born_at=START + born * DAY,
        modified_at=START + (born if modified is None else modified) * DAY,
        changed={name: START + day * DAY for name, day in (changed or {}).items()},
        key=(1, "Contact", str(next(_numbers))),
    )


def test_the_newest_change_of_the_attribute_wins():
    old = a_source(born=1, changed={"title": 9}, title="VP", phone="1")
    new = a_source(born=5, title="Clerk", phone="2")

    assert survive([old, new], {}) | {"title": "VP", "phone": "2"} == survive([old, new], {})


def test_a_change_of_a_neighbour_does_not_make_a_value_newer():
    changed_elsewhere = a_source(born=1, modified=30, changed={"title": 30}, title="VP", phone="old")
    younger = a_source(born=2, phone="new")

    assert survive([changed_elsewhere, younger], {})["phone"] == "new"


def test_the_believed_connection_wins_while_it_is_filled():
    believed = {"phone": "sales"}
    sales = a_source("sales", born=1, phone="1")
    marketing = a_source("marketing", born=9, phone="2")

    assert survive([sales, marketing], believed)["phone"] == "1"
    assert survive([a_source("sales", phone=" "), marketing], believed)["phone"] == "2"


def test_a_blank_never_wins():
    assert survive([a_source(born=1, city="Oslo"), a_source(born=9, city="  ")], {})["city"] == "Oslo"
    assert "city" not in survive([a_source(city="")], {})


def test_consent_is_refused_when_any_record_says_so():
    says = [a_source(born=9, email_opt_out="false"), a_source(born=1, email_opt_out="true", do_not_call="false")]

    profile = survive(says, {})

    assert profile["email_opt_out"] == "true"
    assert profile["do_not_call"] == "false"


def test_override_and_its_end_come_from_one_record():
    older = a_source(born=1, changed={"score_override": 2}, score_override="80", score_override_until="2026-12-31")
    newer = a_source(born=1, changed={"score_override": 3}, score_override="10")

    profile = survive([older, newer], {})

    assert profile["score_override"] == "10"
    assert "score_override_until" not in profile


def test_the_newest_recycling_counts_with_its_own_share():
    first = a_source(born=9, recycled_at="2026-03-01", recycle_keep="0.5")
    second = a_source(born=1, recycled_at="2026-03-01T13:00:00Z", recycle_keep="0.1")

    profile = survive([first, second], {})

    assert (profile["recycled_at"], profile["recycle_keep"]) == ("2026-03-01T13:00:00Z", "0.1")


def test_created_is_the_oldest_and_modified_the_newest():
    profile = survive([a_source(born=3, modified=4), a_source(born=1, modified=2)], {})

    assert profile["created_at"] == "2026-01-02T00:00:00Z"
    assert profile["modified_at"] == "2026-01-05T00:00:00Z"


def test_the_order_of_the_records_does_not_matter():
    sources = [
        a_source("a", born=1, phone="1", title="x", recycled_at="2026-01-01"),
        a_source("b", born=1, phone="2", title="y", recycled_at="2026-01-01"),
        a_source("b", born=1, phone="3", email_opt_out="yes"),
    ]

    profiles = [survive(order, {"title": "a"}) for order in permutations(sources)]

    assert all(profile == profiles[0] for profile in profiles)


def test_completeness_is_the_share_of_filled_fields_rounded_half_up():
    fields = ["email", "phone", "title", "city", "state", "country", "company", "website"]

    assert completeness(fields, {"email": "x", "employees": "5"}) == 13
    assert completeness(fields, {"email": " "}) == 0
    assert completeness([], {"email": "x"}) is None
