"""`python -m connectors.sandbox`: the sandbox as a process of its own, as the demo and the kill tests start it."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from datetime import date

from connectors.sandbox.population import DEFAULT_PEOPLE, REFERENCE_DAY, generate
from connectors.sandbox.serve import BOTH, announcement, mount_population, serve
from connectors.sandbox.server import SandboxServer, Vendor


def main() -> None:
    """Read the options and serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve seeded Salesforce and HubSpot accounts on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--people", type=int, default=DEFAULT_PEOPLE)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--crm", choices=["salesforce", "hubspot", "both"], default="both")
    parser.add_argument(
        "--day", type=date.fromisoformat, default=REFERENCE_DAY, help="activities lie in the year before"
    )
    parser.add_argument(
        "--controlled", action="store_true", help="obey `advance SECONDS` on standard input; end with it"
    )
    options = parser.parse_args()
    if options.controlled:
        _controlled(options)
    else:
        serve(port=options.port, people=options.people, seed=options.seed, crm=options.crm, day=options.day)


def _controlled(options: argparse.Namespace) -> None:
    """Serve while another process holds our standard input; it may let time pass in the accounts."""
    server = SandboxServer(port=options.port)
    vendors = BOTH if options.crm == "both" else (Vendor(options.crm),)
    mount_population(server, generate(options.people, options.seed, options.day), vendors)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with server:
        print(json.dumps(announcement(server)), flush=True)
        for line in sys.stdin:
            word, _, seconds = line.strip().partition(" ")
            if word == "advance":
                for site in server.sites.values():
                    site.org.clock.advance(float(seconds))
            print("ok", flush=True)


if __name__ == "__main__":
    main()
