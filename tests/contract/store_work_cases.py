"""Connections, checkpoints, runs, leases, models in the store."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from connectors.errors import Scope
from connectors.port import OrgIdentity
from connectors.records import Stream
from sync.errors import LeaseLost
from sync.recovery import Access
from sync.store.open import open_store
from sync.store.run_rows import RunKind, RunStatus
from sync.store.sql.checkpoints import Checkpoint, Track
from sync.store.sql.connections import PauseRow, WriteMode
from sync.store.tables import lease
from sync.store.unit import Store
from tests.contract.store_builders import EARLIER, LATER, a_connection
from tests.fakes import FakeClock


class WorkCases:
    """What the daemon keeps for itself."""

    def test_a_connection_keeps_its_number_pin_and_writes_mode(self, store: Store, clock: FakeClock) -> None:
        connection_no = a_connection(store)
        org = OrgIdentity(org_id="00D", host="h", sandbox=True, name="Acme", now=EARLIER, currency="EUR")
        with store.write() as unit:
            assert unit.connections.writes(connection_no) is WriteMode.OFF
            unit.connections.pin(connection_no, org)
            unit.connections.set_writes(connection_no, WriteMode.SAMPLE)
            unit.connections.rename(connection_no, "renamed")
            again = unit.connections.register(1, "renamed", "salesforce")
            pinned = unit.connections.pinned_to(1, "salesforce", "00D")

        assert again.connection_no == connection_no
        assert (again.org_id, again.is_sandbox, again.pinned_at) == ("00D", True, clock.now())
        assert again.writes is WriteMode.SAMPLE
        assert pinned == [again]

    def test_pauses_keep_their_beginning_and_end_by_scope(self, store: Store) -> None:
        connection_no = a_connection(store)
        first = PauseRow(
            connection_no=connection_no,
            scope=Scope.OBJECT,
            subject="Lead",
            access=Access.WRITE,
            code="permission",
            reason="no right",
            since=EARLIER,
        )
        with store.write() as unit:
            unit.connections.pause(first)
            unit.connections.pause(PauseRow(**{**_fields(first), "reason": "still no right", "since": LATER}))
            unit.connections.pause(PauseRow(**{**_fields(first), "access": Access.READ}))
            (write,) = [row for row in unit.connections.pauses() if row.access is Access.WRITE]
            ended = unit.connections.resume(connection_no, access=Access.WRITE)
            left = unit.connections.pauses(connection_no)

        assert (write.reason, write.since) == ("still no right", EARLIER)
        assert ended == 1
        assert [row.access for row in left] == [Access.READ]

    def test_api_calls_of_a_day_add_up(self, store: Store) -> None:
        connection_no, day = a_connection(store), date(2026, 3, 2)
        with store.write() as unit:
            unit.connections.count_calls(connection_no, day, 3)
            unit.connections.count_calls(connection_no, day, 4)

            assert unit.connections.calls_on(connection_no, day) == 7
            assert unit.connections.calls_on(connection_no, date(2026, 3, 3)) == 0

    def test_a_checkpoint_is_kept_by_stream_and_track(self, store: Store) -> None:
        connection_no = a_connection(store)
        main = Checkpoint(
            connection_no=connection_no, stream=Stream.CONTACTS, cursor="{}", mapping_digest="d", moved_at=EARLIER
        )
        moved = Checkpoint(**{**_fields(main), "cursor": '{"at":1}', "baseline_at": LATER, "rows": 2**40})
        backfill = Checkpoint(**{**_fields(main), "track": Track.BACKFILL})
        with store.write() as unit:
            assert unit.checkpoints.get(connection_no, Stream.CONTACTS) is None
            for value in (main, backfill, moved):
                unit.checkpoints.put(value)

            assert unit.checkpoints.get(connection_no, Stream.CONTACTS) == moved
            unit.checkpoints.drop(connection_no, Stream.CONTACTS, Track.BACKFILL)
            assert unit.checkpoints.all() == [moved]

    def test_the_most_urgent_run_is_claimed_first_and_once(self, store: Store) -> None:
        connection_no = a_connection(store)
        with store.write() as unit:
            full = unit.runs.ask(1, RunKind.FULL, connection_no=connection_no, requested_by="schedule")
            usual = unit.runs.ask(1, RunKind.INCREMENTAL, connection_no=connection_no, requested_by="schedule")
            record = unit.runs.ask(1, RunKind.RECORD, connection_no=connection_no, requested_by="admin")
            claimed = [unit.runs.claim_next("me", connection_no=connection_no) for _ in range(4)]
            open_runs = unit.runs.open()

            assert [run.run_no if run else None for run in claimed] == [record, usual, full, None]
            assert [run.run_no for run in open_runs] == [record, usual, full]
            assert not unit.runs.claim(record, "somebody else")
            assert {run.status for run in open_runs} == {RunStatus.RUNNING}

    def test_slices_add_their_counts_to_the_run(self, store: Store) -> None:
        with store.write() as unit:
            run_no = unit.runs.ask(1, RunKind.FULL, requested_by="admin", options={"since": "2026-01-01"})
            unit.runs.claim(run_no, "me")
            unit.runs.pin(run_no, day=date(2026, 3, 2), version="v")
            for counts in ({"read": 2}, {"read": 3, "written": 1}):
                slice_no = unit.runs.begin_slice(run_no, "pull", 1)
                assert unit.runs.end_slice(slice_no, counts) is False
            unit.runs.finish(run_no, RunStatus.PARTIAL, message="one record refused", next_step="leadgrade quarantine")
            run = unit.runs.get(run_no)

        assert run.counts == {"read": 5, "written": 1}
        assert (run.status, run.day, run.version, run.stage) == (RunStatus.PARTIAL, date(2026, 3, 2), "v", "pull")
        assert (run.options, run.holder, run.ended_at is not None) == ({"since": "2026-01-01"}, None, True)

    def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_asked(self, store: Store) -> None:
        with store.write() as unit:
            waiting = unit.runs.ask(1, RunKind.FULL, requested_by="admin")
            running = unit.runs.ask(1, RunKind.FULL, requested_by="admin")
            unit.runs.claim(running, "me")

            assert unit.runs.cancel(waiting) is RunStatus.CANCELLED
            assert unit.runs.cancel(running) is RunStatus.RUNNING
            assert unit.runs.heartbeat(running) is True
            with pytest.raises(KeyError):
                unit.runs.cancel(999)

    def test_a_held_run_waits_for_its_release(self, store: Store) -> None:
        with store.write() as unit:
            run_no = unit.runs.ask(1, RunKind.RESCORE, requested_by="schedule")
            unit.runs.claim(run_no, "me")
            unit.runs.finish(run_no, RunStatus.HELD, message="30 % would change", next_step="leadgrade runs release")

            assert unit.runs.claim_next("me") is None
            assert unit.runs.release(run_no, "admin")
            assert not unit.runs.release(run_no, "admin")
            again = unit.runs.claim_next("me")

        assert again is not None
        assert (again.run_no, again.released_by) == (run_no, "admin")

    def test_runs_of_a_killed_process_wait_again(self, store: Store, clock: FakeClock) -> None:
        with store.write() as unit:
            mine, other = [unit.runs.ask(1, RunKind.FULL, requested_by="admin") for _ in range(2)]
            unit.runs.claim(mine, "me")
        clock.advance(600)
        with store.write() as unit:
            unit.runs.claim(other, "other")

            assert unit.runs.suspend_left(silent_since=clock.now() - timedelta(minutes=5)) == [mine]
            assert unit.runs.suspend_left(holder="nobody") == []
            assert unit.runs.get(mine).status is RunStatus.SUSPENDED
            assert unit.runs.claim_next("me") is not None

    def test_a_suspended_run_is_ripe_when_its_time_has_come(self, store: Store, clock: FakeClock) -> None:
        later = clock.now() + timedelta(minutes=5)
        with store.write() as unit:
            queued, waiting = [unit.runs.ask(1, RunKind.FULL, requested_by="schedule") for _ in range(2)]
            unit.runs.ask(2, RunKind.FULL, requested_by="somebody else's")
            unit.runs.claim(waiting, "me")
            unit.runs.finish(waiting, RunStatus.SUSPENDED, resume_at=later)

            assert [run.run_no for run in unit.runs.ripe(1, clock.now())] == [queued]
            assert [run.run_no for run in unit.runs.ripe(1, later)] == [queued, waiting]
            assert unit.runs.get(waiting).suspensions == 1
            assert unit.runs.claim(waiting, "me")
            assert unit.runs.get(waiting).resume_at is None

    def test_parts_know_their_run_and_are_cancelled_with_it(self, store: Store) -> None:
        with store.write() as unit:
            whole = unit.runs.ask(1, RunKind.SWEEP, requested_by="admin")
            parts = [
                unit.runs.ask(1, RunKind.SWEEP, connection_no=at, requested_by="admin", parent_no=whole)
                for at in (1, 2)
            ]
            unit.runs.claim(whole, "me")
            unit.runs.claim(parts[0], "me")
            unit.runs.cancel(whole)

            assert [part.run_no for part in unit.runs.parts(whole)] == parts
            assert [unit.runs.cancel_asked(number) for number in (whole, *parts)] == [True, True, False]
            assert unit.runs.get(parts[1]).status is RunStatus.CANCELLED

    def test_the_last_rounds_of_a_connection_are_found_with_those_of_all(self, store: Store, clock: FakeClock) -> None:
        with store.write() as unit:
            for number in (1, 2, None, 1):
                unit.runs.ask(1, RunKind.INCREMENTAL, connection_no=number, requested_by="schedule")
            found = unit.runs.last_of(RunKind.INCREMENTAL, workspace_no=1, connection_no=1, limit=2)
            unit.runs.show_progress(found[0].run_no, {"stage": "pull", "done": 1})
            slice_no = unit.runs.begin_slice(found[0].run_no, "pull", 1)
            unit.runs.end_slice(slice_no, {})

            assert [run.connection_no for run in found] == [1, None]
            assert unit.runs.get(found[0].run_no).progress == {"stage": "pull", "done": 1}
            assert unit.runs.last_slices() == {1: clock.now()}

    def test_a_lease_has_one_holder_and_a_new_epoch_each_time(self, store: Store, address: str) -> None:
        other = open_store(address, clock=store.clock)
        with store.write() as unit:
            first = unit.leases.acquire("crm", "one", 60)
        with other.write() as unit:
            refused = unit.leases.acquire("crm", "two", 60)
            holder = unit.leases.of("crm")
        with store.write() as unit:
            assert unit.leases.renew("crm", 1, 60)
            unit.leases.check("crm", 1)
            unit.leases.release("crm", 1)
        with other.write() as unit:
            second = unit.leases.acquire("crm", "two", 60)
        with store.write() as unit, pytest.raises(LeaseLost, match="two has it now"):
            unit.leases.check("crm", 1)
        other.close()

        assert (first, refused, second) == (1, None, 2)
        assert holder is not None
        assert (holder.holder, holder.live) == ("one", True)

    def test_an_expired_lease_is_taken_over_and_its_holder_notices(self, store: Store) -> None:
        with store.write() as unit:
            epoch = unit.leases.acquire("crm", "one", -1)
            taken = unit.leases.acquire("crm", "two", 60)

            assert (epoch, taken) == (1, 2)
            assert not unit.leases.renew("crm", 1, 60)
            unit.leases.release("crm", 1)
            held = unit.leases.of("crm")
            assert held is not None
            assert (held.holder, held.live) == ("two", True)

    def test_an_expired_lease_that_nobody_took_is_still_good(self, store: Store) -> None:
        with store.write() as unit:
            epoch = unit.leases.acquire("crm", "one", -1)
            assert epoch == 1
            unit.leases.check("crm", epoch)
            assert unit.leases.renew("crm", epoch, 60)
            assert unit.leases.acquire("crm", "two", 60) is None

    def test_a_lease_from_before_the_clock_was_set_back_can_be_taken(self, store: Store) -> None:
        with store.write() as unit:
            unit.leases.acquire("crm", "one", 60)
            unit.sql.run(sa.update(lease).values(expires_at=unit.leases.now() + timedelta(hours=1)))

            assert unit.leases.acquire("crm", "two", 60) == 2
            assert [held.holder for held in unit.leases.all()] == ["two"]

    def test_one_model_version_is_live_and_all_are_kept(self, store: Store, clock: FakeClock) -> None:
        a_connection(store)
        with store.write() as unit:
            assert unit.models.live(1) is None
            for version in ("a", "b", "b", "a"):
                unit.models.publish(1, version=version, model="b2b", source=f"text {version}", lists={"l.txt": "x"})
                clock.advance(1)
            live = unit.models.live(1)
            old = unit.models.get(1, "b")

            assert live is not None
            assert old is not None
            assert (live.version, live.source, old.live, old.lists) == ("a", "text a", False, {"l.txt": "x"})
            assert [item.version for item in unit.models.all(1)] == ["a", "b"]

    def test_the_audit_log_keeps_who_did_what(self, store: Store) -> None:
        with store.write() as unit:
            unit.audit.note("admin", "writes on", {"connection": 1})
            (entry,) = unit.audit.recent()

        assert (entry.actor, entry.action, entry.detail) == ("admin", "writes on", {"connection": 1})


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
