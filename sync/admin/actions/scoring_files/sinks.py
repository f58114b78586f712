"""Where scores and lines go: CSV or Parquet, in portions; a file appears only when it is complete."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path


class Sink(Protocol):
    """Takes frames of the same columns, in order."""

    def write(self, frame: pl.DataFrame) -> None:
        """Take the next portion."""
        ...

    def finish(self) -> None:
        """Make what was written appear."""
        ...

    def discard(self) -> None:
        """Leave nothing behind."""
        ...


def file_sink(path: Path) -> Sink:
    """A CSV or Parquet file, by its suffix."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    if path.suffix.lower() == ".parquet":
        return ParquetFile(path=path, part=part)
    return CsvFile(path=path, part=part, stream=CsvStream(stream=part.open("wb")))


@dataclass(kw_only=True)
class CsvStream:
    """CSV on an open stream."""

    stream: BinaryIO
    _begun: bool = False

    def write(self, frame: pl.DataFrame) -> None:
        # NOTE: written by Python, because errors of Polars (no room, nobody reads) lack the number that tells what they are.
        self.stream.write(as_text(frame).write_csv(include_header=not self._begun).encode())
        self._begun = True

    def finish(self) -> None:
        self.stream.flush()

    def discard(self) -> None:
        pass


@dataclass(kw_only=True)
class CsvFile:
    """CSV in a file."""

    path: Path
    part: Path
    stream: CsvStream

    def write(self, frame: pl.DataFrame) -> None:
        self.stream.write(frame)

    def finish(self) -> None:
        self.stream.stream.close()
        self.part.replace(self.path)

    def discard(self) -> None:
        self.stream.stream.close()
        self.part.unlink(missing_ok=True)


@dataclass(kw_only=True)
class ParquetFile:
    """Parquet in a file; the portions are kept until the end, their columns are small."""

    path: Path
    part: Path
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def write(self, frame: pl.DataFrame) -> None:
        self._frames.append(frame)

    def finish(self) -> None:
        pl.concat(self._frames).write_parquet(self.part)
        self.part.replace(self.path)

    def discard(self) -> None:
        self._frames.clear()
        self.part.unlink(missing_ok=True)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """What CSV cannot hold in its own way: the values of lists are joined by bars."""
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    return frame.with_columns(
        pl.when(pl.col(name).list.len() > 0).then(pl.col(name).list.join("|")).alias(name) for name in lists
    )


@dataclass(kw_only=True)
class Kept:
    """Keeps the frames for whoever wants them whole."""

    frames: list[pl.DataFrame] = field(default_factory=list)

    def write(self, frame: pl.DataFrame) -> None:
        self.frames.append(frame)

    def finish(self) -> None:
        pass

    def discard(self) -> None:
        self.frames.clear()
