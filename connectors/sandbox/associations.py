"""Labelled edges between records, kept in both directions as HubSpot does: each direction has a type id of its own."""

from __future__ import annotations

from collections.abc import Iterator

#: (category, type id), such as ("HUBSPOT_DEFINED", 279).
EdgeType = tuple[str, int]


class Associations:
    """Edges by (from object, to object), then by record; the order of insertion is kept."""

    __slots__ = ("_edges",)

    def __init__(self) -> None:
        self._edges: dict[tuple[str, str], dict[str, dict[str, tuple[EdgeType, ...]]]] = {}

    def add(self, source: str, source_id: str, target: str, target_id: str, edge: EdgeType) -> None:
        """Adds one label in one direction; adding it twice changes nothing."""
        targets = self._edges.setdefault((source, target), {}).setdefault(source_id, {})
        held = targets.get(target_id, ())
        if edge not in held:
            targets[target_id] = (*held, edge)

    def remove(self, source: str, source_id: str, target: str, target_id: str, edge: EdgeType | None = None) -> None:
        """Removes one label, or all labels, in one direction."""
        targets = self._edges.get((source, target), {}).get(source_id, {})
        if target_id not in targets:
            return
        left = tuple(held for held in targets[target_id] if edge is not None and held != edge)
        if left:
            targets[target_id] = left
        else:
            del targets[target_id]

    def of(self, source: str, source_id: str, target: str) -> dict[str, tuple[EdgeType, ...]]:
        """Ids of the associated records with their labels; not to be changed."""
        return self._edges.get((source, target), {}).get(source_id, {})

    def targets(self, source: str) -> list[str]:
        """Objects that records of this object are associated with."""
        return [target for held, target in self._edges if held == source]

    def all_of(self, source: str, source_id: str) -> Iterator[tuple[str, str, tuple[EdgeType, ...]]]:
        """(target object, target id, labels) of one record."""
        for target in self.targets(source):
            for target_id, edges in self.of(source, source_id, target).items():
                yield target, target_id, edges

    def drop(self, source: str, source_id: str) -> None:
        """Forgets every edge from and to a record."""
        for target in self.targets(source):
            for target_id in self._edges[source, target].pop(source_id, {}):
                self._edges.get((target, source), {}).get(target_id, {}).pop(source_id, None)

    def move(self, source: str, old_id: str, new_id: str) -> None:
        """Moves every edge from and to a record to another record of the same object."""
        for target in self.targets(source):
            for target_id, edges in list(self.of(source, old_id, target).items()):
                for edge in edges:
                    self.add(source, new_id, target, target_id, edge)
                for edge in self.of(target, target_id, source).get(old_id, ()):
                    self.add(target, target_id, source, new_id, edge)
        self.drop(source, old_id)
