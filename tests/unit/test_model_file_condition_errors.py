"""Every mistake in a condition is reported where it stands, with what would be right."""

from __future__ import annotations

import pytest

from scoring.errors import ModelError
from scoring.model_file import load_model

HEAD = "model: m\nattributes: {seats: number, plan: list, signed: date}\nlists: {l: [a, 1], n: [1, 2], t: [a]}\nscope: "

MISTAKES = [
    # The shape of a condition.
    ("{}", "4:8", "an empty condition"),
    ("[a]", "4:8", "expected a condition such as {country: US}, not a list"),
    ("{all: []}", "4:14", "`all` takes a list of conditions, not an empty one"),
    ("{any: {a: b}}", "4:14", "`any` takes a list of conditions, not a mapping"),
    ("{any: [a]}", "4:15", "expected a condition such as"),
    ("{not: [a]}", "4:14", "expected a condition such as"),
    ("{al: [{a: b}]}", "4:9", "did you mean 'all'?"),
    ("{hapened: {on: other}}", "4:9", "did you mean 'happened'?"),
    ("{company: []}", "4:18", "expected a list of values, not an empty one"),
    ("{company: {}}", "4:18", "expected an operator, not an empty mapping"),
    ("{company: [a, {b: c}]}", "4:22", "expected one value, not a mapping"),
    ("{company: }", "4:17", "to ask for absence write {missing: true}"),
    ("{'': x}", "4:9", "the name of an attribute is missing"),
    # Operators and the types they suit.
    ("{employees: {gtt: 3}}", "4:21", "'gtt' is not an operator; did you mean 'gt'?"),
    ("{employees: {country: {present: true}}}", "4:21", "stand beside this one, not inside it"),
    ("{employees: {contains: 3}}", "4:21", "'contains' does not suit a number attribute"),
    ("{company: {gt: 3}}", "4:19", "'gt' does not suit a text attribute"),
    ("{plan: {lt: 3}}", "4:16", "'lt' does not suit a list attribute"),
    ("{email_opt_out: {in_list: t}}", "4:25", "'in_list' does not suit a boolean attribute"),
    ("{seats: {before: 3 days}}", "4:17", "'before' does not suit a number attribute"),
    ("{company: {present: yes}}", "4:28", "'present' takes true or false, not 'yes'"),
    ("{employees: {gt: 3, case: true}}", "4:20", "`case` stands beside an operator that compares text"),
    ("{company: {present: true, case: true}}", "4:18", "`case` stands beside an operator that compares text"),
    ("{company: {contains: a, case: a}}", "4:38", "`case` takes true or false"),
    # Operands.
    (f"{{company: {{matches: '{'a' * 1001}'}}}}", "4:28", "the regular expression is longer than 1,000 characters"),
    ("{postcode: 75001}", "4:19", '75001 is a number here; to mean the text, write "75001" in quotes'),
    ("{postcode: 01234}", "4:19", 'write "01234" in quotes'),
    ("{company: true}", "4:18", 'write "true" in quotes'),
    ("{plan: [a, 3]}", "4:19", 'write "3" in quotes'),
    ("{company: ' '}", "4:18", "expected text, not nothing"),
    ("{employees: many}", "4:20", "expected a number (digits with at most one decimal point), not 'many'"),
    ("{employees: 1e3}", "4:20", "expected a number"),
    ("{employees: 1_000}", "4:20", "expected a number"),
    ("{employees: .inf}", "4:20", "expected a number"),
    (f"{{employees: {'9' * 16}}}", "4:20", "expected a number"),
    ("{employees: {between: [3]}}", "4:30", "'between' takes two values, the lower first"),
    ("{employees: {between: [3, 2]}}", "4:30", "'between' takes two values, the lower first"),
    ("{employees: {between: 3}}", "4:30", "expected a list of values, not '3'"),
    ("{employees: {in: 3}}", "4:25", "expected a list of values, not '3'"),
    ("{email_opt_out: yes}", "4:24", "expected true or false, not 'yes'"),
    ("{email_opt_out: 'true'}", "4:24", "expected true or false, not 'true'"),
    ("{signed: soon}", "4:17", "expected a date such as 2026-03-31, not 'soon'"),
    ("{signed: {gt: 3 days}}", "4:22", "expected a date such as 2026-03-31"),
    ("{signed: {before: 2026-02-30}}", "4:26", "is not a date of the calendar"),
    ("{signed: {before: 36 hours}}", "4:26", "36 hours is not a whole number of days"),
    ("{signed: {after: 90}}", "4:25", "did you mean 90 days?"),
    ("{signed: {after: 99999 days}}", "4:25", "99999 days is not between 0 days and 36,500 days"),
    ("{company: {in_list: ll}}", "4:28", "there is no list 'll' under `lists`"),
    ("{company: {in_list: [a]}}", "4:28", "expected text, not a list"),
    ("{company: {in_list: l}}", "3:16", '1 is not text, but the list is used on text attributes; write "1" in quotes'),
    ("{employees: {in_list: t}}", "4:30", "the list 't' holds 'a'; this attribute needs a number"),
    ("{company: {matches: '('}}", "4:28", "the regular expression cannot be used: unclosed group"),
    ("{company: {matches: 'a(?=b)'}}", "4:28", "look-around"),
    ("{company: {matches: '(a{1000}){1000}'}}", "4:28", "exceeds size limit"),
    ("{company: {matches: ''}}", "4:28", "expected a regular expression"),
    # Activities.
    ("{happened: {within: 3 days}}", "4:19", "`happened` needs `on`"),
    ("{happened: {on: pageview}}", "4:24", "did you mean 'page_view'?"),
    ("{happened: {on: other, at_least: 0}}", "4:41", "0 is not a whole number 1 or more"),
    ("{happened: {on: other, within: 2 hours}}", "4:39", "2 hours is not a whole number of days"),
    ("{happened: {on: other, since: 3}}", "4:31", "'since' is not a key of `happened`"),
    (
        "{happened: {on: other, where: {urll: x}}}",
        "4:39",
        "'urll' is not an attribute of activities; did you mean 'url'?",
    ),
    ("{happened: {on: other, where: {country: US}}}", "4:39", "'country' is not an attribute of activities"),
    ("{happened: {on: other, where: {happened: {on: other}}}}", "4:39", "a `where` sees one activity alone"),
    ("{happened: {on: other, where: {}}}", "4:38", "an empty condition"),
    ("{happened: {on: other, where: {machine: 1}}}", "4:48", "expected true or false, not '1'"),
    ("{happened: {on: other, where: {asset: 404}}}", "4:46", 'write "404" in quotes'),
]


@pytest.mark.parametrize(("condition", "place", "words"), MISTAKES)
def test_mistakes_in_conditions(condition: str, place: str, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_model(HEAD + condition, name="m.yaml", read_list={}.__getitem__)

    (only,) = map(str, caught.value.problems)
    assert only.startswith(f"m.yaml:{place}: ")
    assert words in only


def test_the_error_itself_shows_every_problem_on_a_line() -> None:
    with pytest.raises(ModelError) as caught:
        load_model(HEAD + "{employees: a, company: 3}", name="m.yaml", read_list={}.__getitem__)

    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == ["m.yaml:4:20", "m.yaml:4:32"]
