"""Random models, people and activities for the laws of the engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.engine_builders import DAY

KINDS = [
    "page_view",
    "email_clicked",
    "email_sent",
    "email_delivered",
    "download",
    "demo_attended",
    "note",
    "unsubscribed",
]
URLS = ["/pricing", "/Careers ", "/straße", "/home", " "]
TEXTS = ["CEO", " ceo ", "Straße", "STRASSE", "Élan", "", "Director of x"]
DAYS = [1, 2, 7, 29, 30, 31, 90]
_POINTS = st.integers(-20_000, 20_000).map(lambda milli: milli / 1000)
_OFF = st.integers(-9_000, 0).map(lambda milli: milli / 1000)
_CAP = st.integers(0, 40_000).map(lambda milli: milli / 1000)


def days() -> st.SearchStrategy[str]:
    return st.sampled_from(DAYS).map(lambda n: f"{n} days")


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def sections(**entries: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping without the entries that came out as None."""
    return st.fixed_dictionaries(entries).map(
        lambda found: {key: each for key, each in found.items() if each is not None}
    )


_TEXT_TESTS = st.one_of(
    st.sampled_from(["ceo", "strasse", "élan"]),
    st.just(["ceo", "STRASSE"]),
    st.sampled_from(["ire", "ss", "C"]).map(lambda part: {"contains": part}),
    st.just({"starts_with": "Dir", "case": True}),
    st.just({"starts_with": "d", "ends_with": "X"}),
    st.just({"matches": "^(ceo|dir)"}),
    st.sampled_from([True, False]).map(lambda flag: {"present": flag}),
    st.sampled_from(["known", "filed"]).map(lambda name: {"in_list": name}),
)
_NUMBER_TESTS = st.one_of(
    st.sampled_from([3, 100, 2.5]),
    st.sampled_from(["gt", "gte", "lt", "lte"]).flatmap(
        lambda op: st.sampled_from([3, 99.5, 100]).map(lambda n: {op: n})
    ),
    st.just({"between": [3, 100]}),
    st.just({"in": [3, 2.5]}),
    st.just({"missing": True}),
)
_DATE_TESTS = st.one_of(
    days().map(lambda n: {"before": n}),
    days().map(lambda n: {"after": n}),
    st.just({"before": str(DAY - timedelta(days=30))}),
    st.just({"after": str(DAY - timedelta(days=30))}),
    st.just({"present": True}),
)
#: Conditions on activities, each attribute with a few; drawn evenly, so that none is rare.
_WHERES: list[dict[str, Any]] = [
    *({"url": test} for test in ({"contains": "pric"}, "/STRASSE", {"missing": True}, {"ends_with": "careers"})),
    *({"count": test} for test in ({"gt": 1}, 1, {"lte": 2})),
    *({"duration_s": test} for test in ({"gte": 60}, {"missing": True})),
    *({"at": {operator: f"{days} days"}} for operator in ("before", "after") for days in (1, 30, 90)),
    *({"at": {operator: str(DAY - timedelta(days=30))}} for operator in ("before", "after")),
    *({name: test} for name in ("asset", "campaign", "product") for test in ("Guide", {"contains": "uid"})),
    {"not": {"product": {"present": True}}},
    *({"direction": test} for test in ("inbound", {"present": False})),
    *({"message_id": test} for test in ({"present": True}, "M1")),
    *({"link": test} for test in (["a", "B"], {"missing": True})),
    *({"machine": test} for test in (True, False)),
    {"outcome": "won", "url": {"present": True}},
    *({"outcome": test} for test in ("won", ["won", "lost"], {"present": True}, {"missing": True})),
    {"any": [{"url": {"contains": "a"}}, {"duration_s": 60}]},
]
WHERE = st.recursive(
    st.sampled_from(_WHERES),
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=2).map(lambda p: {"all": p}),
        st.lists(part, min_size=1, max_size=2).map(lambda p: {"any": p}),
        part.map(lambda p: {"not": p}),
    ),
    max_leaves=3,
)
HAPPENED = sections(
    on=st.sampled_from(KINDS) | st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True),
    where=maybe(WHERE),
    within=maybe(days()),
    at_least=maybe(st.integers(1, 3)),
).map(lambda happened: {"happened": happened})
CONDITION = st.recursive(
    st.one_of(
        _TEXT_TESTS.map(lambda t: {"title": t}),
        _NUMBER_TESTS.map(lambda t: {"employees": t}),
        _NUMBER_TESTS.map(lambda t: {"revenue": t}),
        _DATE_TESTS.map(lambda t: {"created_at": t}),
        st.booleans().map(lambda flag: {"do_not_call": flag}),
        st.sampled_from([{"contains": "a"}, ["a", "B"], {"present": True}, {"starts_with": "a", "ends_with": "b"}]).map(
            lambda t: {"interests": t}
        ),
        st.sampled_from([["NO", "SE"], {"missing": True}]).map(lambda t: {"country": t}),
        st.sampled_from(["vp", "unknown", {"present": True}]).map(lambda t: {"seniority": t}),
        HAPPENED,
    ),
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3).map(lambda p: {"all": p}),
        st.lists(part, min_size=1, max_size=3).map(lambda p: {"any": p}),
        part.map(lambda p: {"not": p}),
    ),
    max_leaves=4,
)
DECAY = st.one_of(
    days().map(lambda n: {"half_life": n}), days().map(lambda n: {"linear": n}), days().map(lambda n: {"expiry": n})
)

TIER = sections(tier=maybe(st.sampled_from(["critical", "important", "influential"])))


@st.composite
def attribute_rules(
    draw: st.DrawFn, prefix: str, points: st.SearchStrategy[float], most: int = 3
) -> list[dict[str, Any]]:
    found = draw(st.lists(st.tuples(CONDITION, points, TIER), min_size=1, max_size=most))
    return [
        {"id": f"{prefix}-{n}", "label": f"{prefix} {n}", "when": when, "points": amount, **tier}
        for n, (when, amount, tier) in enumerate(found)
    ]


@st.composite
def attribute_dimension(draw: st.DrawFn, prefix: str, *, points: st.SearchStrategy[float] = _POINTS) -> dict[str, Any]:
    found: dict[str, Any] = {"rules": draw(attribute_rules(prefix, points))}
    if draw(st.booleans()):
        found["groups"] = {"band": draw(attribute_rules(f"{prefix}-band", points))}
    return found | draw(_bounds())


def _bounds() -> st.SearchStrategy[dict[str, Any]]:
    floor = maybe(st.sampled_from([-10.5, 0]))
    return sections(
        weight=maybe(st.sampled_from([0, 0.455, 1, 2])), floor=floor, cap=maybe(st.sampled_from([0.5, 20, 60]))
    )


@st.composite
def activity_dimension(draw: st.DrawFn, prefix: str, *, positive: bool = False) -> dict[str, Any]:
    rules = []
    groups = {}
    for number in range(draw(st.integers(1, 4))):
        points = draw(st.integers(1 if positive else -9_000, 9_000).map(lambda milli: milli / 1000))
        cap = draw(maybe(_CAP))
        limit = sections(count=st.integers(1, 3), per=maybe(days()))
        rule = {
            "id": f"{prefix}-{number}",
            "label": f"{prefix} {number}",
            "points": points,
            **draw(HAPPENED)["happened"],
            **draw(st.sampled_from([{}, {"on": "page_view"}, {"on": ["page_view", "email_clicked"]}])),
            **draw(sections(decay=maybe(DECAY), limit=maybe(limit), group=maybe(st.sampled_from(["web", "mail"])))),
        }
        if draw(st.booleans()):
            rule.pop("where", None)
        rule.pop("within", None)
        rule.pop("at_least", None)
        rule |= draw(TIER)
        rule |= draw(sections(intent=maybe(st.sampled_from(["active", "none"]))))
        rule |= draw(sections(products=maybe(st.sampled_from([["suite"], ["suite", "app"]]))))
        if cap is not None and points:
            rule["cap"] = cap if points > 0 else -cap
        if "group" in rule:
            groups[rule["group"]] = draw(_CAP)
        rules.append(rule)
    found = {"rules": rules, **draw(_bounds()), **draw(sections(decay=maybe(DECAY)))}
    if groups:
        found["group_caps"] = groups
    if not positive and draw(st.booleans()):
        found["inactivity"] = draw(_inactivity())
    return found


@st.composite
def _inactivity(draw: st.DrawFn) -> dict[str, Any]:
    amount = draw(st.sampled_from([{"points": -5}, {"percent": 20}, {"points": -2.5}, {"percent": 33.3}]))
    return {"after": draw(days()), **amount, **draw(sections(every=maybe(days()), cap=maybe(_OFF)))}


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """Sections of a model that use most keys of the format."""
    found: dict[str, Any] = {
        "attributes": {"interests": "list", "seats": "number"},
        # Tests read the name of a list file as its content.
        "lists": {"known": ["ceo", " Élan "], "filed": {"file": "straße"}},
        "products": {"suite": draw(sections(include_fit=maybe(st.booleans()), cap=maybe(st.just(30)))), "app": {}},
        "fit": draw(attribute_dimension("fit")),
        "engagement": draw(activity_dimension("engagement")),
        **draw(
            sections(
                time_zone=maybe(st.sampled_from(["America/New_York", "Europe/Paris"])),
                horizon=maybe(days()),
                scope=maybe(CONDITION),
                title=maybe(st.just("Any")),
                language=maybe(st.sampled_from(["en", "fr"])),
                currency=maybe(st.just("USD")),
                companies=maybe(st.just(_COMPANIES)),
                machines=maybe(_machines()),
                quality=maybe(_quality()),
                enrichment=maybe(_enrichment()),
                total=maybe(st.sampled_from([{"floor": -20, "cap": 20}, {"floor": 5, "cap": 60}])),
                dimensions=maybe(_others()),
                grade=maybe(st.just(_GRADE)),
                trend=maybe(days().map(lambda n: {"days": int(n.split()[0])})),
                recent=maybe(days().map(lambda n: {"days": int(n.split()[0])})),
            )
        ),
    }
    cap = st.sampled_from([60, 64.5])
    if draw(st.booleans()):
        found["gates"] = [{"id": "gate", "label": "gate", "cap": draw(cap), "unless": draw(CONDITION)}]
    for section in ("disqualify", "attention"):
        if draw(st.booleans()):
            found[section] = [{"code": f"{section}-{n}", "reason": "why", "when": draw(CONDITION)} for n in range(2)]
    if draw(st.booleans()):
        # Within every floor and cap that a total may have.
        found["on_disqualify"] = {"total": draw(st.sampled_from([5, 9])), "grade": "C4"}
    qualified: dict[str, Any] = {"total": 10, "keep_until": 5}
    if "grade" in found:
        qualified |= {"grades": ["A4", "C3"]}
        found["rating"] = {"by": "grade", "hot": ["A1", "A2"], "warm": ["B3", "C1"]}
    else:
        found["rating"] = {"by": "total", "hot": 20, "warm": 5}
    return found | {"qualified": qualified}


_COMPANIES = {"roll_up": "top", "n": 2, "cap": 90, "weights": {"by": "seniority", "vp": 1.5}}
_GRADE = {
    "letter": {"from": "fit", "A": 10, "B": 5, "C": 0.5},
    "number": {"from": "engagement", "1": 12, "2": 6, "3": 0.5},
}


def _machines() -> st.SearchStrategy[dict[str, Any]]:
    burst = st.fixed_dictionaries({"links": st.integers(2, 3), "within": st.sampled_from(["1 seconds", "2 seconds"])})
    return sections(click_after_send=maybe(st.sampled_from(["1 seconds", "2 seconds"])), burst=burst)


@st.composite
def _quality(draw: st.DrawFn) -> dict[str, Any]:
    found = {"rules": draw(attribute_rules("quality", _OFF)), **draw(sections(cap=maybe(_OFF)))}
    fields = {"fields": ["title", "employees", "country", "interests", "created_at", "email", "phone"]}
    kind = draw(st.sampled_from([{"below": {"percent": 50, "points": -2.5}}, {"linear": -10}, {}]))
    return found | {"completeness": fields | kind}


def _enrichment() -> st.SearchStrategy[dict[str, Any]]:
    conflicts = st.just({"fields": ["employees", "title", "country", "interests", "created_at"], "points": -1.5})
    return sections(
        cap=maybe(_OFF),
        discount=maybe(st.booleans()),
        unmatched=maybe(_OFF),
        stale=maybe(st.just({"after": "30 days", "points": -2})),
        low_confidence=maybe(st.just({"below": 0.6, "points": -2.5})),
        conflicts=maybe(conflicts),
    )


@st.composite
def _others(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "need": {"kind": "attributes", **draw(attribute_dimension("need"))},
        "product_use": {"kind": "activities", **draw(activity_dimension("use"))},
    }


_TEXT = maybe(st.sampled_from(TEXTS))
_DATE = maybe(st.sampled_from([0, 1, 29, 30, 31, 91]).map(lambda n: DAY - timedelta(days=n)))


def persons() -> st.SearchStrategy[dict[str, Any]]:
    """Cells of one person; every name is there, absent as None."""
    number = maybe(st.sampled_from([0, 3, 99, 100, 101]))
    return st.fixed_dictionaries(
        {
            "title": _TEXT,
            "enriched_title": _TEXT,
            "employees": number,
            "enriched_employees": number,
            "revenue": maybe(st.sampled_from([2.5, 3.0, -1.0, 99.5])),
            "do_not_call": maybe(st.booleans()),
            "interests": maybe(st.lists(st.sampled_from(["a", " B", "ab", "Axb", ""]), max_size=3)),
            "enriched_interests": maybe(st.lists(st.sampled_from(["a", "b"]), max_size=2)),
            "country": maybe(st.sampled_from(["Norway", "France"])),
            "enriched_country": maybe(st.sampled_from(["Norge", "Sverige"])),
            "seniority": maybe(st.sampled_from(["vp", "unknown"])),
            "enriched_seniority": maybe(st.sampled_from(["VP", "director", "unknown"])),
            "created_at": _DATE,
            "enriched_created_at": _DATE,
            "last_activity_on": maybe(st.sampled_from([-1, 0, 10, 45, 400]).map(lambda n: DAY - timedelta(days=n))),
            "recycled_at": maybe(instants()),
            "recycle_keep": maybe(st.sampled_from([0, 0.333, 1, 0.0005])),
            "score_override": maybe(st.sampled_from([12.5, -3, 1000])),
            "score_override_until": _DATE,
            "was_qualified": maybe(st.booleans()),
            "enrichment_status": maybe(st.sampled_from(["matched", " Unmatched"])),
            "enrichment_confidence": maybe(st.sampled_from([0, 0.333, 0.6, 0.5995, 1])),
            "enriched_at": maybe(st.sampled_from([-5, 0, 29, 30]).map(lambda n: DAY - timedelta(days=n))),
        }
    )


def instants() -> st.SearchStrategy[datetime]:
    """Instants around the day, many of them together, some near midnight in one zone or another."""
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    days_ago = st.sampled_from([-1, 0, 0, 1, 2, 3, 29, 30, 31, 60, 61, 89, 90, 91, 120])
    seconds = st.sampled_from([0, 1, 2, 3, 39_600, 43_199, 43_200, -43_200, 60_000, -30_000])
    return st.tuples(days_ago, seconds).map(lambda each: noon - timedelta(days=each[0], seconds=each[1]))


def activity_rows(people: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries(
        {
            "person_id": st.integers(1, people + 1),
            "kind": st.sampled_from(["page_view", "page_view", "email_clicked", *KINDS]),
            "at": instants(),
            "url": maybe(st.sampled_from(URLS)),
            "outcome": maybe(st.sampled_from(["won", "lost"])),
            "asset": maybe(st.sampled_from([" guide", "Guided tour"])),
            "campaign": maybe(st.sampled_from(["GUIDE", "fair"])),
            "product": maybe(st.sampled_from(["guide", "suite"])),
            "direction": maybe(st.sampled_from(["Inbound", "outbound"])),
            "duration_s": maybe(st.sampled_from([59, 60])),
            "message_id": maybe(st.sampled_from(["m1", "m2", " "])),
            "link": maybe(st.sampled_from(["a", "b", "c"])),
            "machine": maybe(st.sampled_from([True, False, False, False])),
            "count": maybe(st.sampled_from([1, 1, 2, 5])),
        }
    ) | st.fixed_dictionaries(
        {"person_id": st.just(1), "kind": st.sampled_from(["page_view", "email_clicked"]), "at": instants()}
    )
    return st.sampled_from([0, 5, 15, 30]).flatmap(lambda least: st.lists(row, min_size=least, max_size=least + 10))


def day_after(days_later: int) -> date:
    return DAY + timedelta(days=days_later)
