"""An operator in front of a world: types commands in the same process, sees what is printed and the exit code."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import dataclass

import structlog
from typer.testing import CliRunner

from config.settings import PRESETS
from sync.admin.cli.main import app


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def all(self):
        """Everything that was printed, in one line of words."""
        return " ".join(f"{self.out}\n{self.err}".split())

    @property
    def json(self):
        """Standard output as the JSON that it must be."""
        return json.loads(self.out)


def own_model(folder):
    """The preset as a file of the operator's own; its path."""
    shutil.copy(PRESETS / "b2b.yaml", folder / "model.yaml")
    shutil.copytree(PRESETS / "lists", folder / "lists")
    return folder / "model.yaml"


class Operator:
    """Types commands for one world, whose clock is everybody's clock."""

    def __init__(self, world, monkeypatch):
        self.world = world
        monkeypatch.setattr("sync.app.SystemClock", lambda: world.clock)
        self._runner = CliRunner()

    def __call__(self, *words, answer=None):
        config = str(self.world.folder / "leadgrade.yaml")
        try:
            result = self._runner.invoke(app, [*words, "--config", config], input=answer, catch_exceptions=False)
        finally:
            _forget_logs()
        return Seen(code=result.exit_code, out=result.stdout, err=result.stderr)


def _forget_logs():
    """A command sends its logs to the stderr that it was given, which is closed now."""
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not getattr(each, "of_leadgrade", False)]
    root.setLevel(logging.WARNING)
