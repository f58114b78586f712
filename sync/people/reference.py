"""The reference table: a CSV or Parquet file by company domain with attributes to fill in, read in blocks of texts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import polars as pl

from sync.errors import SyncError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK: Final = 5_000
_KEYS: Final = ("domain", "website")


class ReferenceTableError(SyncError):
    """The reference table cannot be used."""


def reference_digest(path: Path) -> str:
    """Digest of the file's content: another one means another table. Raises ReferenceTableError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from None


def reference_rows(path: Path) -> Iterator[list[dict[str, str]]]:
    """Rows as texts by column name, blank cells left out. Raises ReferenceTableError that names file and column."""
    texts = _table(path).select(pl.all().cast(pl.String))
    for block in texts.iter_slices(_BLOCK):
        yield [{name: text for name, text in row.items() if text} for row in block.iter_rows(named=True)]


def reference_columns(path: Path) -> list[str]:
    """The attributes that the table can bring. Raises ReferenceTableError."""
    return [name for name in _table(path).columns if name != "domain"]


def _table(path: Path) -> pl.DataFrame:
    try:
        table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unusable(path, str(error).splitlines()[0]) from None
    if not set(_KEYS) & set(table.columns):
        raise _unusable(path, "has no column domain (or website)")
    return table


def _unusable(path: Path, reason: str) -> ReferenceTableError:
    return ReferenceTableError(
        f"{path}: the reference table {reason}", next_step="correct the file, or `reference_table:`"
    )
