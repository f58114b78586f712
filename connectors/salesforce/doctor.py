"""Checks that only Salesforce knows: version, clock, quota, rights on rows, objects and fields, HubSpot's own sync."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from connectors.errors import ConnectorError, QuotaSpent
from connectors.port import FieldCheck, Finding, Presence
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import Schema
from connectors.salesforce.rights import SHARED, rights_of_user

_SKEW = timedelta(minutes=2)
#: Salesforce keeps a version for at least three years, and three new ones come out a year.
_LIFE = 9
#: What HubSpot's package for Salesforce calls its objects and fields.
_NATIVE = "HubSpot_Inc__"
_STEPS = {
    "quota": "find what uses the calls: Setup > System Overview > API Usage; they come back within a day",
    "unavailable": "look at status.salesforce.com, then run: leadgrade doctor",
}


def examine(
    client: SalesforceClient,
    schema: Schema,
    *,
    objects: Sequence[str],
    written: Iterable[str],
    checks: Callable[[], Sequence[FieldCheck]],
    clock: Callable[[], datetime],
) -> list[Finding]:
    """All findings; a check that fails itself is a finding too."""
    findings: list[Finding] = []
    steps: list[Callable[[], list[Finding]]] = [
        lambda: [_version(client)],
        lambda: [_signed_in(client)],
        lambda: [_skew(client, clock())],
        lambda: [_quota(client)],
        lambda: _objects(schema, objects),
        lambda: [_written(schema, name) for name in written],
        lambda: _rights(client, schema, objects),
        lambda: [_native_sync(schema)],
        lambda: _fields(checks()),
    ]
    for step in steps:
        try:
            findings.extend(step())
        except ConnectorError as error:
            code = "quota" if isinstance(error, QuotaSpent) else str(getattr(error, "code", "unavailable"))
            if code not in {finding.code for finding in findings if not finding.ok}:
                advice = error.next_step or _STEPS.get(code)
                findings.append(Finding(code=code, ok=False, message=error.message, next_step=advice))
            if code in {"credentials", "configuration", "quota", "unavailable"}:
                break
    return findings


def _version(client: SalesforceClient) -> Finding:
    offered = client.versions()
    wanted = client.settings.api_version
    step = f"set api_version to one of {', '.join(offered[-3:])}"
    if wanted not in offered:
        message = f"The org does not offer API version {wanted}."
        return Finding(code="api_version", ok=False, message=message, next_step=step)
    if float(offered[-1]) - float(wanted) >= _LIFE:
        message = (
            f"API version {wanted} is more than three years old; Salesforce keeps versions no longer than it promised."
        )
        return Finding(code="api_version", ok=False, message=message, next_step=step)
    message = f"API version {wanted}; the org offers up to {offered[-1]}."
    return Finding(code="api_version", ok=True, message=message)


def _signed_in(client: SalesforceClient) -> Finding:
    client.get("limits/recordCount", {"sObjects": "Lead"}, kind="doctor")
    return Finding(code="credentials", ok=True, message="Signed in; the API is enabled for the integration user.")


def _skew(client: SalesforceClient, now: datetime) -> Finding:
    crm_now = client.session.crm_now
    if crm_now is None or abs(crm_now - now) <= _SKEW:
        return Finding(code="clock", ok=True, message="The clocks of Salesforce and of this machine agree.")
    seconds = int(abs((crm_now - now).total_seconds()))
    return Finding(
        code="clock",
        ok=False,
        message=f"This machine's clock differs from Salesforce's by {seconds} seconds.",
        next_step="switch on time synchronisation on this machine (JWT sign-in fails beyond three minutes)",
    )


def _quota(client: SalesforceClient) -> Finding:
    usage = client.budget.usage()
    if usage.day_used is None or not usage.day_limit:
        return Finding(code="quota", ok=True, message="Salesforce does not say how many calls are used.")
    share = usage.day_used / usage.day_limit
    ok = share < client.settings.org_ceiling
    return Finding(
        code="quota",
        ok=ok,
        message=f"The org has used {usage.day_used} of {usage.day_limit} calls of the day ({share:.0%}).",
        next_step=None if ok else _STEPS["quota"],
    )


def _objects(schema: Schema, names: Sequence[str]) -> list[Finding]:
    schema.forget()
    schema.load(names)
    return [_object(schema, name) for name in names]


def _object(schema: Schema, name: str) -> Finding:
    if schema.of(name) is not None:
        return Finding(code="object", ok=True, message=f"{name} can be read.")
    return Finding(
        code="object",
        ok=False,
        message=f"{name} does not exist or the integration user may not read it.",
        next_step=f"give the integration user Read and View All on {name}, or take it out of the field map",
    )


def _written(schema: Schema, name: str) -> Finding:
    description = schema.of(name)
    if description is not None and description.updateable:
        return Finding(code="object_write", ok=True, message=f"{name} can be updated.")
    return Finding(
        code="object_write",
        ok=False,
        message=f"The integration user may not edit {name}.",
        next_step=f"give the integration user Edit on {name}",
    )


def _rights(client: SalesforceClient, schema: Schema, names: Sequence[str]) -> list[Finding]:
    rights = rights_of_user(client, schema)
    if rights is None:
        return [
            Finding(
                code="view_all",
                ok=True,
                message="Salesforce does not tell whether the integration user sees the rows of all owners.",
                next_step="look at its permission sets in Setup: View All on Lead, Contact, Account, Opportunity, Campaign",
            )
        ]
    wanted = [name for name in SHARED if name in names or (name == "Campaign" and "CampaignMember" in names)]
    hidden = rights.hidden(wanted)
    seen = Finding(code="view_all", ok=True, message=f"The integration user sees every row of {', '.join(wanted)}.")
    if hidden:
        seen = Finding(
            code="view_all",
            ok=False,
            message=f"Sharing may hold rows of {', '.join(hidden)} back from the integration user; they would never be scored.",
            next_step=f"give the integration user View All on {', '.join(hidden)}, or View All Data",
        )
    may = "may" if rights.converted_leads else "may not"
    converted = f"The integration user {may} edit converted leads; they are left alone, their contacts get the score."
    return [seen, Finding(code="converted_leads", ok=True, message=converted)]


def _native_sync(schema: Schema) -> Finding:
    """HubSpot's native sync copies people and activities into Salesforce, where they must not count twice."""
    descriptions = [schema.of(name) for name in ("Lead", "Contact", "Account")]
    if any(field.startswith(_NATIVE) for each in descriptions if each is not None for field in each.fields):
        return Finding(
            code="native_sync",
            ok=True,
            message="HubSpot's own sync with Salesforce is installed; what it copies counts once, if HubSpot is connected, too.",
            next_step="connect the HubSpot portal as well, so that its events come from where they happened",
        )
    return Finding(code="native_sync", ok=True, message="HubSpot's own sync with Salesforce does not show in this org.")


def _fields(checks: Sequence[FieldCheck]) -> list[Finding]:
    wrong = [check for check in checks if check.presence is not Presence.OK]
    if not wrong:
        return [Finding(code="fields", ok=True, message=f"All {len(checks)} mapped and written fields are there.")]
    return [
        Finding(
            code="field",
            ok=False,
            message=f"{check.object}.{check.field} ({check.name}): {check.presence.value}{'. ' + check.detail if check.detail else ''}",
            next_step="run: leadgrade fields plan"
            if check.written
            else "correct the field map or grant access to the field",
        )
        for check in wrong
    ]
