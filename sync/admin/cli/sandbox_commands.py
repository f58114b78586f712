"""`leadgrade sandbox serve`: seeded Salesforce and HubSpot accounts on loopback, to try things on."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from sync.admin.cli.commands import CommandLine
from sync.admin.cli.days import parse_day

commands = CommandLine(help="CRMs on loopback, with made-up people.")


class Crm(StrEnum):
    """Whose API is spoken."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"
    BOTH = "both"


@commands.callback()
def group() -> None:
    """CRMs on loopback, with made-up people."""


@commands.command("serve")
def serve_command(
    *,
    port: Annotated[int, typer.Option("--port", metavar="P", min=0, max=65535, help="0 takes a free one.")] = 0,
    people: Annotated[int, typer.Option("--people", metavar="N", min=1, help="How many people.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same people.")] = 7,
    crm: Annotated[Crm, typer.Option("--crm", help="Which CRMs.")] = Crm.BOTH,
    day: Annotated[
        date | None,
        typer.Option(
            "--day", metavar="D", parser=parse_day, help="Activities lie in the year before it (default: today)."
        ),
    ] = None,
) -> None:
    """Serve until Ctrl-C; the first line on stdout is JSON with base URLs and credentials of each account."""
    from datetime import UTC, datetime

    from connectors.sandbox.serve import serve

    serve(port=port, people=people, seed=seed, crm=crm.value, day=day or datetime.now(UTC).date())
