"""Everything, as of the first release: the statements stand in `baseline/`, one file for each database."""

from __future__ import annotations

from alembic import op

from sync.store.migrations.baseline import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables and indexes."""
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)
