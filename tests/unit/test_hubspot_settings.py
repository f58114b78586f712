"""What can be set of a HubSpot connection, from the file to the connector; and what the field map may say of counters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.errors import SettingsError
from config.settings import load_settings
from connectors.errors import NeedsAttention
from connectors.hubspot.settings import Feature
from connectors.mapping import load_field_map
from sync.app import _hubspot

CONNECTION = "connections:\n  hubspot:\n    kind: hubspot\n    token: env:HUBSPOT_TOKEN\n"
MAP = "crm: {crm}\ncontacts: {{contacts: {{attributes: {{}}}}}}\naccounts: {{}}\ncounters: {counters}\n"
OPENS = "{{{object}: {{hs_email_open: {{kind: {kind}, at: hs_email_last_open_date}}}}}}"


def load(tmp_path, *lines):
    path = tmp_path / "leadgrade.yaml"
    path.write_text(CONNECTION + "".join(f"    {line}\n" for line in lines))
    return load_settings(path).connections["hubspot"]


def test_every_switch_reaches_the_connector(tmp_path):
    found = _hubspot(
        "hubspot",
        load(
            tmp_path,
            "email_events: off",
            "events: on",
            "forms: auto",
            "searches_per_second: 2",
            "events_lookback_minutes: 30",
            "archived_every_minutes: 60",
            "forms_every_minutes: 5",
        ),
    )

    assert (found.email_events, found.events, found.forms) == (Feature.OFF, Feature.ON, Feature.AUTO)
    assert found.search_per_second == 2
    assert (found.events_lookback, found.archived_every) == (timedelta(minutes=30), timedelta(hours=1))
    assert found.forms_every == timedelta(minutes=5)


def test_webhooks_are_off_and_vanished_contacts_are_forgotten_after_a_month_unless_told_otherwise(tmp_path):
    found = load(tmp_path)
    assert (found.webhook_secret, found.webhook_url, found.forget_after_days) == (None, None, 30)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["webhook_secret: env:SECRET"], "go together"),
        (["webhook_url: https://leadgrade.acme.example/hubspot"], "go together"),
        (["webhook_secret: env:SECRET", "webhook_url: /hubspot"], "full address"),
        (["events: maybe"], "events"),
        (["searches_per_second: 6"], "searches_per_second"),
        (["forget_after_days: 0"], "forget_after_days"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path, lines, words):
    with pytest.raises(SettingsError, match=words) as caught:
        load(tmp_path, *lines)
    assert "leadgrade.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("crm", "object_name", "kind", "words"),
    [
        ("hubspot", "companies", "email_opened", "holds no contacts"),
        ("salesforce", "contacts", "email_opened", "only HubSpot"),
        ("hubspot", "contacts", "opened", "unknown activity kind opened"),
    ],
)
def test_counters_that_cannot_be_are_refused(crm, object_name, kind, words):
    text = MAP.format(crm=crm, counters=OPENS.format(object=object_name, kind=kind))
    with pytest.raises(NeedsAttention, match=words):
        load_field_map(text, name="map.yaml", kinds=frozenset({"email_opened"}))


def test_counters_bring_their_kinds():
    text = MAP.format(crm="hubspot", counters=OPENS.format(object="contacts", kind="email_opened"))
    assert "email_opened" in load_field_map(text, name="map.yaml").mapped_kinds()
