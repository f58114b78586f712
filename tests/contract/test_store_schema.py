"""Tables: a database made by migrations equals one made from the definitions; other revisions are refused clearly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.errors import SchemaMismatch, SchemaOutdated, SchemaTooNew, StoreDamaged
from sync.store import migrations
from sync.store.migrations.baseline import draft, statements
from sync.store.migrations.running import revisions
from sync.store.open import open_store
from sync.store.tables import metadata
from tests.fakes import FakeClock
from tests.postgres import postgres, template

VERSION = "alembic_version"


def shape(engine: sa.Engine) -> dict[str, object]:
    """Everything about the tables that the database itself tells."""
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            ],
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(str(key["constrained_columns"]) for key in inspector.get_foreign_keys(table)),
            "unique": sorted(str(item["column_names"]) for item in inspector.get_unique_constraints(table)),
            "indexes": sorted(
                (
                    str(index["name"]),
                    index["column_names"],
                    bool(index["unique"]),
                    {name: str(value) for name, value in index.get("dialect_options", {}).items()},
                )
                for index in inspector.get_indexes(table)
            ),
        }
        for table in inspector.get_table_names()
        if table != VERSION
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """An address of a store, and one of an empty database for SQLAlchemy itself."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/migrated.db", f"sqlite:///{tmp_path}/defined.db"
    else:
        migrated, defined = postgres().new_database(template()), postgres().new_database()
        yield postgres().url(migrated), postgres().url(defined).replace("postgresql:", "postgresql+psycopg:")


def test_a_migrated_database_equals_one_made_from_the_definitions(addresses: tuple[str, str]) -> None:
    migrated, defined = addresses
    store = open_store(migrated, clock=FakeClock())
    engine = sa.create_engine(defined)
    metadata.create_all(engine)

    assert shape(store.engine) == shape(engine)

    store.close()
    engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_baseline_is_what_the_tables_draft(dialect: str) -> None:
    """Until there is a second revision, the baseline is written from the tables."""
    assert len(revisions()) == 1
    assert ";\n\n".join(statements(dialect)).split() == draft(dialect).rstrip(";\n").split()


def test_this_release_needs_the_newest_revision() -> None:
    assert revisions()[-1] == migrations.REVISION
    assert revisions() == sorted(revisions())


@pytest.mark.parametrize(
    ("revision", "error", "words"),
    [("9999", SchemaTooNew, "newer than this release"), ("0000", SchemaMismatch, "unknown revision")],
)
def test_another_revision_is_refused(tmp_path: Path, revision: str, error: type[Exception], words: str) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    store = open_store(address, clock=FakeClock())
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION} SET version_num = '{revision}'")
    store.close()

    with pytest.raises(error, match=words):
        open_store(address, clock=FakeClock())


def test_an_older_revision_is_refused_until_an_upgrade_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    open_store(address, clock=FakeClock()).close()
    monkeypatch.setattr(migrations, "REVISION", "0002")

    with pytest.raises(SchemaOutdated, match="0001, this release needs 0002") as caught:
        open_store(address, clock=FakeClock())

    assert "backup" in str(caught.value.next_step)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/other.db"
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE customers (id INTEGER)")
    engine.dispose()

    with pytest.raises(StoreDamaged, match="another program"):
        open_store(address, clock=FakeClock())


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    store = open_store(address, clock=FakeClock())
    before = shape(store.engine)
    migrations.upgrade(store)
    store.close()

    again = open_store(address, clock=FakeClock(), upgrade=True)

    assert shape(again.engine) == before
    again.close()
