"""Shards: a fixed spread of people over 256 parts. Never change it: rows on disk depend on it."""

from __future__ import annotations

SHARDS = 256


def shard_of(person_no: int) -> int:
    """The shard of a person: the top byte of a multiplicative hash, so that neighbours spread."""
    return ((person_no * 2654435761) & 0xFFFFFFFF) >> 24
