"""The demo's two CRMs: a sandbox process of its own, spoken to over HTTP, and the settings that point at it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from ruamel.yaml import YAML

from config.settings import FIELDS
from sync.errors import SyncError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path
    from types import TracebackType

_SETTINGS = """\
# Made by `leadgrade demo`. The secrets are the sandbox's, made up for this run.
store: sqlite:///leadgrade.db
model: preset:b2b
deadband: 0
connections:
  salesforce:
    kind: salesforce
    domain: demo.my.salesforce.com
    client_id: file:salesforce-id
    client_secret: file:salesforce-secret
    fields: salesforce-fields.yaml
    host: {salesforce}
  hubspot:
    kind: hubspot
    token: file:hubspot-token
    fields: hubspot-fields.yaml
    host: {hubspot}
"""

#: Custom fields of the sandbox's accounts, mapped as an admin would: CRM -> object -> attribute -> field.
_CUSTOM_FIELDS = {
    "salesforce": {
        name: {
            "purchasing_authority": "Purchasing_Authority__c",
            "competing_product": "Competing_Product__c",
            "language": "Language__c",
        }
        for name in ("Lead", "Contact")
    },
    "hubspot": {"contacts": {"competing_product": "competing_product", "do_not_call": "do_not_call"}},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One account of the sandbox: where it is and what opens it."""

    base_url: str
    credentials: dict[str, str]


class World:
    """The sandbox in a process of its own; a context manager."""

    def __init__(self, *, people: int, seed: int, day: date) -> None:
        self._command = [
            *(sys.executable, "-m", "connectors.sandbox", "--controlled"),
            *("--people", str(people), "--seed", str(seed), "--day", day.isoformat()),
        ]
        self._process: subprocess.Popen[str] | None = None
        self.accounts: dict[str, Account] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise SyncError("the sandbox did not start", next_step="run it alone to see why: leadgrade sandbox serve")
        for name, account in json.loads(line).items():
            plain: dict[str, Any] = dict(account)
            self.accounts[name] = Account(
                base_url=plain.pop("base_url"), credentials={k: str(v) for k, v in plain.items()}
            )
        return self

    def advance(self, seconds: int) -> None:
        """Let time pass in both CRMs."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise SyncError("the sandbox is not running")
        process.stdin.write(f"advance {seconds}\n")
        process.stdin.flush()
        process.stdout.readline()

    def wait(self) -> None:
        """Return when the sandbox has ended, or at Ctrl-C."""
        if self._process is not None:
            with suppress(KeyboardInterrupt):
                self._process.wait()

    def settings(self, folder: Path) -> Path:
        """Write settings and secrets that reach this sandbox; the settings file."""
        salesforce, hubspot = self.accounts["salesforce"], self.accounts["hubspot"]
        secrets = {
            "salesforce-id": salesforce.credentials["client_id"],
            "salesforce-secret": salesforce.credentials["client_secret"],
            "hubspot-token": hubspot.credentials["access_token"],
        }
        for name, secret in secrets.items():
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(secret + "\n", encoding="utf-8")
        for crm, objects in _CUSTOM_FIELDS.items():
            _write_field_map(folder / f"{crm}-fields.yaml", crm, objects)
        settings = folder / "leadgrade.yaml"
        settings.write_text(
            _SETTINGS.format(salesforce=salesforce.base_url, hubspot=hubspot.base_url), encoding="utf-8"
        )
        return settings

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(timeout=30)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process = None


def _write_field_map(path: Path, crm: str, objects: dict[str, dict[str, str]]) -> None:
    """The shipped field map with custom fields added, its comments kept."""
    yaml = YAML()
    yaml.width = 200
    content = yaml.load((FIELDS / f"{crm}.yaml").read_text(encoding="utf-8"))
    for object_name, attributes in objects.items():
        content["contacts"][object_name]["attributes"].update(attributes)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)
