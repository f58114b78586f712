"""A daemon killed at random instants over days, with faults: the end is that of an undisturbed run, and nothing is invented.

The long versions need `-m slow`. LEADGRADE_CHAOS_SEED moves kills and faults elsewhere; LEADGRADE_CHAOS_KILLS is how often
SQLite's daemon is killed (PostgreSQL's: a quarter of it). Seeds and counts are printed: run with -s.
"""

from __future__ import annotations

import os

import pytest

from tests.chaos_story import LAST, Story, stage
from tests.postgres import postgres

SEED = int(os.environ.get("LEADGRADE_CHAOS_SEED", "1"))
KILLS = int(os.environ.get("LEADGRADE_CHAOS_KILLS", "200"))
#: Killed lives in each cycle at most, and cycles there are at least: three days.
A_CYCLE, CYCLES = 6, 36


def sqlite(folder, name):
    return f"sqlite:///{folder / name}.db"


def judged(folder, stores, *, kills, cycles, people=12, a_cycle=A_CYCLE):
    """Live through the days twice, killed and undisturbed, and compare."""
    with stage(folder) as shared:
        killed = Story(folder / "killed", stores[0], shared, people=people, seed=SEED)
        while killed.kills < kills or killed.cycles < cycles:
            killed.cycle(min(a_cycle, kills - killed.kills))
        killed.end()
        ends = killed.left()
        scored, different = killed.different()
        writes, invented = killed.invented()
        calm = Story(folder / "calm", stores[1], shared, people=people, seed=SEED, undisturbed=True)
        while calm.cycles < killed.cycles - LAST:
            calm.cycle()
        calm.end()
        expected = calm.left()
    print(
        f"\nseed {SEED}: {killed.kills} of {killed.lives} lives killed in {killed.cycles} cycles of two hours; "
        f"{scored} records hold a score; {writes} writes, {len(invented)} of values that no rescore wanted; {stores[0][:6]}"
    )
    assert (killed.kills, different, invented) == (kills, [], [])
    assert scored > people
    for part, found in ends.items():
        assert found == expected[part], part
    assert [ends[name] for name in ("claims", "leases", "open", "failed")] == [[], [], [], []]


def test_a_daemon_killed_four_times_comes_to_the_end_of_an_undisturbed_one(tmp_path):
    judged(tmp_path, [sqlite(tmp_path, "killed"), sqlite(tmp_path, "calm")], kills=4, cycles=3, people=6, a_cycle=2)


@pytest.mark.slow
def test_a_daemon_on_sqlite_killed_200_times_comes_to_the_end_of_an_undisturbed_one(tmp_path):
    judged(tmp_path, [sqlite(tmp_path, "killed"), sqlite(tmp_path, "calm")], kills=KILLS, cycles=CYCLES)


@pytest.mark.slow
def test_a_daemon_on_postgresql_killed_50_times_comes_to_the_end_of_an_undisturbed_one(tmp_path):
    stores = [postgres().url(postgres().new_database()) for _ in range(2)]
    judged(tmp_path, stores, kills=KILLS // 4, cycles=12)
