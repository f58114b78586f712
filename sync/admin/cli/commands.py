"""How commands are declared: each one takes --config, and turns errors into messages and exit codes by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand

from sync.admin.cli.failures import failures_become_exits

if TYPE_CHECKING:
    from collections.abc import Callable

#: Where the settings are when nothing else is said.
DEFAULT_CONFIG = Path("leadgrade.yaml")
_CONFIG = "leadgrade.config"

Function = TypeVar("Function", bound="Callable[..., Any]")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help=f"Settings file (default: {DEFAULT_CONFIG}).", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print results as JSON, for programs.")]


class Command(TyperCommand):
    """A command with --config, whose errors become messages on stderr and exit codes."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        self.params.append(_config_option())

    def invoke(self, ctx: Any) -> Any:
        note_config(ctx, ctx.params.pop("config", None))
        with failures_become_exits():
            return super().invoke(ctx)


class CommandLine(typer.Typer):
    """A group of commands: plain help and errors (other programs read them), no completion scripts, no coloured tracebacks."""

    def __init__(self, **settings: Any) -> None:
        plain = {
            "no_args_is_help": True,
            "add_completion": False,
            "rich_markup_mode": None,
            "pretty_exceptions_enable": False,
            "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 110},
        }
        super().__init__(**(plain | settings))

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Function], Function]:
        """Like Typer's, with `Command` as the class."""
        return super().command(name, **({"cls": Command} | settings))


def note_config(ctx: typer.Context, path: Path | None) -> None:
    """Remember which settings file is meant; the command's own option wins over the one before the command."""
    if path is not None:
        ctx.meta[_CONFIG] = path


def config_of(ctx: typer.Context) -> Path:
    """The settings file that is meant."""
    path: Path = ctx.meta.get(_CONFIG, DEFAULT_CONFIG)
    return path


def _config_option() -> Any:
    """Let Typer build the option from its declaration."""
    declaring = typer.Typer(add_completion=False)

    @declaring.command()
    def declare(config: ConfigOption = None) -> None:
        """Declare the option."""

    return typer.main.get_command(declaring).params[0]
