"""From people to scores to wanted field values: dirty people, or everybody, shard by shard."""

from __future__ import annotations
