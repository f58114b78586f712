"""The watch of a daemon on CRMs on paper: what it reads from the store, counts and serves."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import requests

from config.watching import Metrics
from connectors.errors import NeedsAttention, Unavailable
from connectors.port import Usage, WriteOutcome, WriteResult
from sync.admin.actions.connections import set_writes
from sync.jobs.daemon import Daemon
from sync.store.sql.connections import WriteMode
from sync.watch.facts import facts_now
from sync.watch.health import findings
from sync.watch.watch import Watch
from tests.fakes import FakeClock
from tests.paper_crm import PaperCrm, paper_app

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return FakeClock(MONDAY)


@pytest.fixture
def crm(clock):
    return PaperCrm("one", clock, contacts=4)


@pytest.fixture
def app(tmp_path, crm, clock):
    app = paper_app(tmp_path, {"one": crm}, clock, metrics=Metrics(port=0))
    set_writes(app, WriteMode.ON)
    yield app
    app.close()


@pytest.fixture
def daemon(app):
    return Daemon(app=app, load=lambda: app.settings)


def rest(daemon):
    for _ in range(60):
        if not daemon.turn():
            return
    pytest.fail("the workers do not come to rest")


def found(app):
    return {each.code for each in findings(facts_now(app))}


def samples(text):
    """name{labels} -> value, of what Prometheus reads."""
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def refuse(error):
    def during(_method, _argument):
        raise error

    return during


def test_a_daemon_at_rest_is_well(app, daemon, clock):
    rest(daemon)
    for _ in range(4):
        clock.advance(300)
        rest(daemon)
        assert found(app) == set()


def test_rounds_that_stop_are_noticed(app, daemon, clock):
    rest(daemon)
    clock.advance(40 * 60)
    assert found(app) == {"no_round"}

    daemon.leave()
    assert found(app) == {"daemon_gone"}

    rest(daemon)
    assert found(app) == set()


def test_an_outage_is_noticed_by_its_silence_and_over_with_the_next_round(app, daemon, clock, crm):
    rest(daemon)
    crm.during = refuse(Unavailable("down"))
    for _ in range(4):
        clock.advance(800)
        rest(daemon)
    silent = found(app)
    crm.during = lambda _method, _argument: None
    clock.advance(1800)
    rest(daemon)

    assert silent == {"no_round"}
    assert found(app) == set()


def test_writes_that_nobody_accepts_are_noticed(app, daemon, clock, crm):
    rest(daemon)
    crm.write = lambda requests_: [
        WriteResult(ref=each.ref, outcome=WriteOutcome.DEFERRED, code="LOCKED", message="") for each in requests_
    ]
    crm.put(1, "Student")
    for _ in range(5):
        clock.advance(1100)
        rest(daemon)

    assert "nothing_accepted" in found(app)


def test_refused_credentials_are_found_with_the_next_step(app, daemon, clock, crm):
    rest(daemon)
    crm.during = refuse(NeedsAttention("no", code="credentials", next_step="give new ones"))
    clock.advance(300)
    rest(daemon)

    (finding,) = findings(facts_now(app))
    assert (finding.code, finding.next_step) == ("credentials", "give new ones")
    assert app.errors_met["one", "credentials"] == 1


def test_a_day_without_a_rescore_is_noticed_six_hours_later(app, daemon, clock):
    rest(daemon)
    clock.set(datetime(2026, 3, 3, 6, 4, tzinfo=UTC))
    assert "rescore_missing" not in found(app)

    clock.set(datetime(2026, 3, 3, 6, 6, tzinfo=UTC))
    assert "rescore_missing" in found(app)


def test_the_share_of_the_day_is_known_from_the_store(app, daemon, crm):
    limit = {"day_limit": 100, "day_used": 60}
    crm.usage = lambda: Usage(calls=48, calls_by_kind={"read": 48}, by_hour={MONDAY: 48}, **limit)
    rest(daemon)

    (one,) = facts_now(app).connections
    assert (one.calls, one.share) == (48, 50)
    assert found(app) == {"quota"}


def test_counters_rise_with_what_any_process_does(app, daemon, clock, crm):
    watch = Watch(app=lambda: app)
    watch._tally.begin()
    rest(daemon)
    first = samples(watch.metrics().decode())
    crm.put(1, "Student")
    clock.advance(300)
    rest(daemon)
    second = samples(watch.metrics().decode())

    assert first['leadgrade_records_pulled_total{connection="one",stream="contacts"}'] == 4
    assert second['leadgrade_records_pulled_total{connection="one",stream="contacts"}'] == 5
    assert first['leadgrade_deliveries_total{connection="one",outcome="accepted"}'] == 4
    assert second['leadgrade_deliveries_total{connection="one",outcome="accepted"}'] == 5
    assert second["leadgrade_people_scored_total"] == 5
    assert second['leadgrade_runs_total{kind="incremental",outcome="succeeded"}'] == 2
    assert second['leadgrade_run_seconds_count{kind="incremental"}'] == 2
    assert second['leadgrade_outbox_due{connection="one"}'] == 0
    assert second['leadgrade_lease_epoch{lease="one"}'] == 1
    assert second['leadgrade_round_success_timestamp_seconds{connection="one"}'] == clock.now().timestamp()


def test_what_was_there_before_is_not_counted(app, daemon):
    rest(daemon)
    watch = Watch(app=lambda: app)
    watch._tally.begin()

    assert 'leadgrade_records_pulled_total{connection="one",stream="contacts"}' not in samples(watch.metrics().decode())


def test_labels_are_few_and_name_nobody(app, daemon):
    watch = Watch(app=lambda: app)
    watch._tally.begin()
    rest(daemon)
    text = watch.metrics().decode()

    assert "@" not in text
    assert set(re.findall(r"[{,](\w+)=", text)) <= {
        *("connection", "stream", "kind", "outcome", "code", "lease", "status", "severity", "le", "stage"),
    }


def test_health_and_metrics_are_served_on_loopback(app, daemon, clock):
    watch = Watch(app=lambda: app)
    watch.start()
    try:
        rest(daemon)
        place = f"http://127.0.0.1:{watch.port}"
        well = requests.get(f"{place}/health", timeout=10)
        clock.advance(3600)
        ill = requests.get(f"{place}/health", timeout=10)
        live = requests.get(f"{place}/live", timeout=10)
        metrics = requests.get(f"{place}/metrics", timeout=10)
        nothing = requests.get(f"{place}/people", timeout=10)
    finally:
        watch.stop()

    assert (well.status_code, well.json()) == (200, {"healthy": True, "findings": []})
    assert (ill.status_code, [each["code"] for each in ill.json()["findings"]]) == (503, ["no_round"])
    assert (live.status_code, json.loads(live.text)) == (200, {"alive": True})
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert samples(metrics.text)['leadgrade_findings{severity="problem"}'] == 1
    assert nothing.status_code == 404


def test_a_reload_moves_the_port_and_stops_serving_without_one(app, daemon):
    current = [app]
    watch = Watch(app=lambda: current[0])
    watch.start()
    try:
        before = watch.port
        app.settings = app.settings.model_copy(update={"metrics": Metrics()})
        watch.look()
        after = watch.port
    finally:
        watch.stop()

    assert before is not None
    assert after is None


def test_a_quiet_day_after_a_busy_one_is_noticed(app, daemon, clock, crm):
    rest(daemon)
    for _ in range(3):
        clock.advance(86400)
        rest(daemon)
    for number in range(100, 220):
        crm.put(number, "CEO")
    clock.advance(300)
    rest(daemon)
    busy = found(app)
    clock.advance(timedelta(days=1).total_seconds() + 600)
    rest(daemon)

    assert busy == set()
    assert found(app) == {"rows_fell"}
