"""The store: everything that outlives a process. `open_store` opens it; a unit is one transaction."""
