"""`leadgrade sandbox serve`: a seeded account of each vendor on one port, announced by one line of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, TextIO

from connectors.sandbox.hubspot import HubSpotDialect
from connectors.sandbox.population import DEFAULT_PEOPLE, REFERENCE_DAY, Population, generate
from connectors.sandbox.salesforce import SalesforceDialect
from connectors.sandbox.seed_hubspot import hubspot_org
from connectors.sandbox.seed_salesforce import salesforce_org
from connectors.sandbox.server import SandboxServer, Vendor

BOTH = (Vendor.SALESFORCE, Vendor.HUBSPOT)


def mount_population(server: SandboxServer, population: Population, vendors: Sequence[Vendor] = BOTH) -> None:
    """Adds an account of each vendor that holds the population, named after the vendor."""
    if Vendor.SALESFORCE in vendors:
        org = salesforce_org(population)
        server.mount("salesforce", vendor=Vendor.SALESFORCE, org=org, dialect=SalesforceDialect(org))
    if Vendor.HUBSPOT in vendors:
        org = hubspot_org(population)
        server.mount("hubspot", vendor=Vendor.HUBSPOT, org=org, dialect=HubSpotDialect(org))


def announcement(server: SandboxServer) -> dict[str, dict[str, Any]]:
    """Base URL, credentials and account id of every org, by its name; `root_url` is for clients that keep only the host."""
    return {
        name: {
            "vendor": site.vendor.value,
            "base_url": site.url,
            "root_url": site.root_url,
            "org_id": site.org.id,
            **site.org.credentials,
        }
        for name, site in server.sites.items()
    }


def serve(
    *,
    port: int = 0,
    people: int = DEFAULT_PEOPLE,
    seed: int = 7,
    crm: str = "both",
    day: date = REFERENCE_DAY,
    out: TextIO | None = None,
) -> None:
    """Serves until it is interrupted; prints the announcement first, as one line of JSON.

    `crm` is `salesforce`, `hubspot` or `both`.
    """
    vendors = BOTH if crm == "both" else (Vendor(crm),)
    try:
        server = SandboxServer(port=port)
    except OSError as error:
        message = f"error: port {port} cannot be had ({error.strerror})\nnext: --port with another number, or 0 for a free one"
        raise SystemExit(message) from error
    mount_population(server, generate(people, seed, day), vendors)
    with server:
        try:
            # Whoever reads the line may interrupt at once.
            print(json.dumps(announcement(server)), file=out or sys.stdout, flush=True)
            server.wait()
        except KeyboardInterrupt:
            return
