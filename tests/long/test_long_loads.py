"""First loads that are killed again and again end with exactly what the CRM holds, in bounded memory.

They need `-m slow`; LEADGRADE_LONG_SCALE makes them smaller (0.1: a tenth), LEADGRADE_LONG_SEED moves the kills elsewhere. What
was measured is printed: run with -s. Short versions are in test_long_runs_in_short.py.
"""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from random import Random

import pytest

from tests.long_contents import HUBSPOT_ACTIVITIES, SALESFORCE_ACTIVITIES, differences
from tests.long_runs import AccountProcess, Installation, killed_along, summary

SCALE = float(os.environ.get("LEADGRADE_LONG_SCALE", "1"))
SEED = int(os.environ.get("LEADGRADE_LONG_SEED", "1"))
#: Contacts of the large accounts; every made-up person gives 0.786 of them in Salesforce.
SALESFORCE_CONTACTS, HUBSPOT_CONTACTS = round(300_000 * SCALE), round(200_000 * SCALE)
PEAK_MB = 500
BULK = ("Lead", "Contact", "Task", "Event", "CampaignMember", "EmailMessage")


def account(crm, **options):
    return AccountProcess(crm, day=datetime.now(UTC).date(), **options)


@pytest.mark.slow
def test_300_000_contacts_and_1_500_000_activities_of_salesforce(tmp_path):
    with account("salesforce", people=round(SALESFORCE_CONTACTS / 0.78), intensity=0.1) as there:
        counts = there.ask("counts")
        contacts = counts["Lead"] + counts["Contact"]
        activities = sum(counts[name] for name in SALESFORCE_ACTIVITIES if name != "EmailMessageRelation")
        print(f"\nsandbox: {contacts:,} contacts, {activities:,} activities, {there.peak_mb} MB")
        assert contacts >= SALESFORCE_CONTACTS
        assert activities >= 5 * SALESFORCE_CONTACTS
        installation = Installation(tmp_path / "killed", there)

        lives = killed_along(
            installation,
            ["sync"],
            kills=10,
            rng=Random(SEED),
            total=contacts + activities,
            progress=installation.stored,
        )

        rows = there.rows()
        # Objects of few rows come by REST.
        twice = {name: rows[f"read {name}"] - counts[name] for name in BULK if f"read {name}" in rows}
        print(f"seed {SEED}: {summary(lives)}; read twice: {twice}; calls: {there.ask('calls')['calls']}")
        _judge(installation, there, lives)
        assert all(0 <= more <= 10 * 2000 for more in twice.values())


@pytest.mark.slow
def test_200_000_contacts_and_600_000_engagements_of_hubspot(tmp_path):
    with account("hubspot", people=HUBSPOT_CONTACTS, engagements=3 * HUBSPOT_CONTACTS) as there:
        counts = there.ask("counts")
        engagements = sum(counts[name] for name in HUBSPOT_ACTIVITIES)
        print(f"\nsandbox: {counts['contacts']:,} contacts, {engagements:,} engagements, {there.peak_mb} MB")
        installation = Installation(tmp_path / "killed", there)

        lives = killed_along(
            installation,
            ["sync"],
            kills=10,
            rng=Random(SEED),
            total=counts["contacts"] + engagements,
            progress=installation.stored,
        )

        names = ("contacts", *HUBSPOT_ACTIVITIES)
        rows = there.rows()
        twice = {name: rows[f"read {name}"] - counts[name] for name in names}
        # Pages of a hundred, and a call for the associations of a hundred engagements.
        least = sum(-(-counts[name] // 100) * (1 + (name != "contacts")) for name in names)
        made = there.calls()
        refused = there.calls(status=429)
        print(f"seed {SEED}: {summary(lives)}; read twice: {twice}; {made} calls, at least {least}; 429: {refused}")
        print(there.ask("calls")["calls"])
        _judge(installation, there, lives)


def _judge(installation, there, lives):
    assert lives[-1].code == 0, installation.printed()[-3000:]
    assert sum(life.code == -signal.SIGKILL for life in lives) == 10
    assert differences(installation.folder, there.crm, there.dump) == {}
    assert max(life.peak_mb for life in lives) < PEAK_MB
