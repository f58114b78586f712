"""Alerts: once for each cause, again while it lasts, and when it is over; by POST and by mail, whatever gets in their way."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from config.watching import AlertEmail, Alerts, AlertWebhook
from sync.errors import SyncError
from sync.watch import alerts as telling
from sync.watch.health import Finding, Severity
from sync.watch.senders import SIGNATURE_HEADER, TIME_HEADER, signature
from sync.watch.watch import Watch
from tests.fakes import FakeClock
from tests.paper_crm import PaperCrm, paper_app
from tests.watch_receivers import a_mail_server, a_web_server

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HELD = Finding(
    code="held",
    place="runs",
    severity=Severity.PROBLEM,
    message="run 7 is held",
    next_step="leadgrade runs release 7",
    subject="7",
)
PAUSED = Finding(code="credentials", place="crm", severity=Severity.PROBLEM, message="refused", next_step="new ones")


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def app(tmp_path, clock):
    app = paper_app(tmp_path, {"one": PaperCrm("one", clock)}, clock)
    yield app
    app.close()


@pytest.fixture
def web(app):
    with a_web_server() as server:
        tell_by(app, webhook=AlertWebhook(url=server.url))
        yield server


@pytest.fixture
def mail(app):
    with a_mail_server() as server:
        tell_by(app, email=a_mailbox(server))
        yield server


def a_mailbox(server, **more):
    known = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "l@acme.example"}
    return AlertEmail(**known, to=("a@acme.example", "b@acme.example"), **more)


def tell_by(app, **alerts):
    app.settings = app.settings.model_copy(update={"alerts": Alerts(**alerts)})


def posted(server):
    """[(event, code)] of each POST."""
    return [[(each["event"], each["code"]) for each in json.loads(body)["news"]] for _, body in server.posts]


def look(app, *found):
    """As a new process would: nothing is remembered but what the store holds."""
    telling.Alerts(app=app).tell(found)


def test_a_cause_is_told_once_daily_while_it_lasts_and_when_it_is_over(app, web, clock):
    for hours in range(26):
        look(app, HELD)
        clock.advance(3600 if hours < 25 else 0)
    for _ in range(4):
        look(app)
        clock.advance(300)

    assert posted(web) == [[("new", "held")], [("reminder", "held")], [("resolved", "held")]]
    assert telling.open_causes(app) == []


def test_what_is_gone_for_a_moment_is_neither_over_nor_new(app, web, clock):
    for found in ([HELD], [], [HELD], [], [HELD]):
        look(app, *found)
        clock.advance(240)

    assert posted(web) == [[("new", "held")]]


def test_several_causes_go_out_together_and_come_apart_again(app, web, clock):
    look(app, HELD, PAUSED)
    for _ in range(4):
        clock.advance(240)
        look(app, PAUSED)

    assert posted(web) == [[("new", "held"), ("new", "credentials")], [("resolved", "held")]]
    assert [cause.finding for cause in telling.open_causes(app)] == [PAUSED]


def test_warnings_are_not_told(app, web):
    look(app, Finding(code="quota", place="crm", severity=Severity.WARNING, message="m", next_step="n"))

    assert web.posts == []


def test_what_must_last_is_told_when_it_has_lasted(app, web, clock):
    tell_by(app, webhook=app.settings.alerts.webhook, after_minutes=30)
    for _ in range(4):
        look(app, HELD)
        clock.advance(900)

    assert posted(web) == [[("new", "held")]]
    assert json.loads(web.posts[0][1])["at"] == (NOON + timedelta(minutes=30)).isoformat()


def test_a_way_out_that_fails_is_tried_again_and_the_other_one_is_not_told_twice(app, web, clock):
    with a_mail_server() as mail:
        tell_by(app, webhook=app.settings.alerts.webhook, email=a_mailbox(mail))
        web.statuses = [500] * 3
        teller = telling.Alerts(app=app)
        teller.tell([HELD])
        tried = len(web.posts)
        teller.tell([HELD])
        waited = len(web.posts)
        clock.advance(301)
        teller.tell([HELD])

    assert (tried, waited, len(web.posts), len(mail.mails)) == (3, 3, 4, 1)
    assert {"webhook", "email"} == set(telling.open_causes(app)[0].told)


def test_a_hiccup_is_tried_again_at_once(app, web):
    web.statuses = [503]

    look(app, HELD)

    assert len(web.posts) == 2
    assert list(telling.open_causes(app)[0].told) == ["webhook"]


def test_a_redirect_is_not_followed(app, web):
    web.statuses = [307, 307, 307]

    look(app, HELD)

    assert len(web.posts) == 3
    assert telling.open_causes(app)[0].told == {}


def test_a_post_can_be_verified_by_its_receiver(app, web, monkeypatch):
    monkeypatch.setenv("ALERT_SECRET", "sealing-wax-and-string")
    tell_by(app, webhook=AlertWebhook(url=web.url, secret="env:ALERT_SECRET"))
    look(app, HELD)

    ((headers, body),) = web.posts
    expected = signature("sealing-wax-and-string", headers[TIME_HEADER], body)
    assert headers[TIME_HEADER] == str(int(NOON.timestamp()))
    assert headers[SIGNATURE_HEADER] == f"sha256={expected}"
    assert "leadgrade runs release 7" in json.loads(body)["text"]


def test_a_mail_says_what_and_the_next_step(app, mail):
    look(app, HELD, PAUSED)

    ((sender, recipients, text),) = mail.mails
    assert "l@acme.example" in sender
    assert len(recipients) == 2
    assert "Subject: Leadgrade (default) runs: held and 1 more" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "next: leadgrade runs release 7" in text


def test_a_mail_server_may_want_a_password(app, mail, tmp_path):
    file = tmp_path / "smtp"
    file.touch(mode=0o600)
    file.write_text("open-sesame-please\n")
    tell_by(app, email=a_mailbox(mail, user="leadgrade", password=f"file:{file}"))

    look(app, HELD)

    assert base64.b64decode(mail.logins[0]) == b"\0leadgrade\0open-sesame-please"
    assert len(mail.mails) == 1


def test_a_line_break_in_a_finding_makes_no_header(app, mail):
    look(
        app,
        Finding(code="x\r\nBcc: eve@evil.example", place="crm", severity=Severity.PROBLEM, message="m", next_step="n"),
    )

    ((_, recipients, text),) = mail.mails
    assert len(recipients) == 2
    assert "\nBcc:" not in text


def test_what_went_wrong_is_said_without_address_or_secret(app, mail, web):
    mail.refuse = "550 nobody called bob@acme.example here"
    web.statuses = [410] * 3
    tell_by(app, webhook=AlertWebhook(url=web.url), email=a_mailbox(mail))

    results = dict(telling.send_test(app))

    assert "410" in results["webhook"]
    assert "SMTPSenderRefused 550" in results["email"]
    assert "@" not in str(results)
    assert web.url not in str(results)


def test_a_server_that_is_not_there_is_said_so(app):
    tell_by(app, webhook=AlertWebhook(url="http://127.0.0.1:9/secret-path", timeout=1))

    ((way, problem),) = telling.send_test(app)

    assert way == "webhook"
    assert "cannot be reached" in problem
    assert "secret-path" not in problem


def test_a_secret_that_is_missing_stops_nothing_else(app, mail, monkeypatch):
    monkeypatch.delenv("NOT_THERE", raising=False)
    tell_by(app, webhook=AlertWebhook(url="env:NOT_THERE"), email=a_mailbox(mail))

    look(app, HELD)

    assert list(telling.open_causes(app)[0].told) == ["email"]


def test_two_daemons_tell_once(tmp_path, app, web, clock):
    other = paper_app(tmp_path, {"one": PaperCrm("one", clock)}, clock, holder="there:2")
    tell_by(other, webhook=app.settings.alerts.webhook)
    watches = [Watch(app=lambda each=each: each) for each in (app, other)]
    for each in (app, other):
        each.settings = each.settings.model_copy(update={"model": "nowhere.yaml"})
    try:
        found = [watch.look() for watch in watches]
    finally:
        other.close()

    assert [[each.code for each in one] for one in found] == [["model"], ["model"]]
    assert posted(web) == [[("new", "model")]]


def test_errors_of_alerts_have_a_sentence():
    assert str(telling.NotSent()) == "A message could not be sent."
    assert issubclass(telling.NotSent, SyncError)
