"""Empty accounts of both vendors: schema, users, stages, credentials and allowances, but no customers yet."""

from __future__ import annotations

from connectors.sandbox.clock import OrgClock
from connectors.sandbox.ids import hubspot_id, salesforce_id
from connectors.sandbox.objects_hubspot import DEAL_STAGES, hubspot_objects
from connectors.sandbox.objects_salesforce import STAGES, salesforce_objects
from connectors.sandbox.org import Org, OrgRules
from connectors.sandbox.quota import Window
from connectors.sandbox.rollups_salesforce import keep_last_activity, keep_stage_history

#: When both accounts were set up; long before anything else in them.
FOUNDED = 1_672_531_200_000  # 2023-01-01
#: Sales users of both accounts: first name, last name.
SELLERS = (("Nora", "Feld"), ("Paul", "Arden"), ("Ines", "Roca"), ("Luc", "Varenne"), ("Mia", "Torri"))


def empty_salesforce_org(*, name: str = "salesforce", clock: OrgClock | None = None) -> Org:
    """A Salesforce account with users and stages. `settings["sellers"]` holds the ids of the sales users."""
    rules = OrgRules(stamp_step=1000)
    org_id = salesforce_id("00D", sum(name.encode()))
    org = Org(org_id=org_id, name=name, new_id=salesforce_id, rules=rules, clock=clock)
    for object_type in salesforce_objects():
        org.define(object_type)
    org.credentials = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    org.quotas = {"daily": Window(100_000)}
    versions = [f"{number}.0" for number in range(31, 69)]  # Summer '14 to Winter '27
    org.settings = {"is_sandbox": True, "currency": "EUR", "api_versions": versions}
    org.hooks = [keep_stage_history, keep_last_activity]
    integration = _user(org, "Leadgrade", "Integration")
    org.api_user = integration
    org.credentials |= {
        "username": org.get("User", integration).values["Username"],
        "password": "sandbox-password",
        "security_token": "sandboxtoken",
        "refresh_token": "5Aep.sandbox-refresh",
    }
    org.settings["admin"] = _user(org, "Ada", "Minister")
    org.settings["native_sync"] = _user(org, "HubSpot", "Integration")
    org.settings["sellers"] = [_user(org, first, last) for first, last in SELLERS]
    org.create(
        "Organization",
        {
            "Name": "Sandbox Industries",
            "OrganizationType": "Enterprise Edition",
            "IsSandbox": True,
            "InstanceName": "CS00",
            "DefaultLocaleSidKey": "en_US",
            "TimeZoneSidKey": "Europe/Berlin",
        },
        record_id=org_id,
        at=FOUNDED,
    )
    for order, (stage, probability, category, closed, won) in enumerate(STAGES, start=1):
        org.create(
            "OpportunityStage",
            {
                "MasterLabel": stage,
                "ApiName": stage,
                "IsActive": True,
                "SortOrder": order,
                "IsClosed": closed,
                "IsWon": won,
                "ForecastCategory": category,
                "DefaultProbability": float(probability),
            },
            at=FOUNDED,
        )
    return org


def _user(org: Org, first: str, last: str) -> str:
    address = f"{first}.{last}@sandbox-industries.example".lower()
    values = {
        "Username": address,
        "FirstName": first,
        "LastName": last,
        "Email": address,
        "IsActive": True,
        "UserType": "Standard",
        "TimeZoneSidKey": "Europe/Berlin",
    }
    return org.create("User", values, at=FOUNDED).id


def empty_hubspot_org(*, name: str = "hubspot", clock: OrgClock | None = None) -> Org:
    """A HubSpot account with owners and a deal pipeline. `settings["pipelines"]["deals"]` is as its API returns it."""
    rules = OrgRules(deletion_moves_stamps=False, same_value_moves_stamps=False, merge_gives_new_id=True)
    org = Org(org_id=str(40_000_000 + sum(name.encode())), name=name, new_id=hubspot_id, rules=rules, clock=clock)
    for object_type in hubspot_objects():
        org.define(object_type)
    org.credentials = {"access_token": "pat-eu1-sandbox"}
    org.quotas = {"daily": Window(1_000_000), "burst": Window(190, 10_000), "search": Window(5, 1_000)}
    org.settings = {
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "plan": "enterprise",
        "account_type": "DEVELOPER_TEST",
        "pipelines": {"deals": [_pipeline()]},
    }
    sellers = []
    for number, (first, last) in enumerate(SELLERS, start=1):
        values = {
            "email": f"{first}.{last}@sandbox-industries.example".lower(),
            "firstName": first,
            "lastName": last,
            "userId": str(9_000_000 + number),
            "archived": "false",
        }
        sellers.append(org.create("owners", values, at=FOUNDED).id)
    org.settings["sellers"] = sellers
    return org


def _pipeline() -> dict[str, object]:
    stamp = "2024-01-01T00:00:00Z"
    stages = [
        {
            "id": stage,
            "label": label,
            "displayOrder": order,
            "metadata": {"isClosed": str(closed).lower(), "probability": probability},
            "createdAt": stamp,
            "updatedAt": stamp,
            "archived": False,
        }
        for order, (stage, label, probability, closed) in enumerate(DEAL_STAGES)
    ]
    return {
        "id": "default",
        "label": "Sales Pipeline",
        "displayOrder": 0,
        "stages": stages,
        "createdAt": stamp,
        "updatedAt": stamp,
        "archived": False,
    }
