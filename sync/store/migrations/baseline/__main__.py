"""`python -m sync.store.migrations.baseline`: write the baseline anew from the tables (before the first release only)."""

from __future__ import annotations

from sync.store.migrations.baseline import write

write()
