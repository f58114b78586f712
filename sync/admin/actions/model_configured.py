"""What the settings say about scoring, held against what scored last: the models, who is scored by which, their order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from scoring.model_file import load_model
from scoring.model_file_segments import MODELS, read_when, segment_nodes
from scoring.segments import Segment, Segments
from sync.admin.actions.model_diff import Change, ChangeKind, diff_models
from sync.admin.actions.model_words import condition
from sync.errors import NotFound

if TYPE_CHECKING:
    from scoring.model import Model
    from sync.store.sql.models import ModelVersion
    from sync.store.unit import Store, Unit


def live_segments(store: Store, workspace_no: int) -> Segments:
    """What gave the scores that are stored.

    Raises:
        NotFound: nothing was scored yet.
    """
    with store.read() as unit:
        live = unit.models.live(workspace_no)
        if live is None:
            raise NotFound(
                "nothing was scored yet, so there is nothing to hold the settings against", next_step="leadgrade sync"
            )
        return segments_of(unit, live)


def segments_of(unit: Unit, kept: ModelVersion) -> Segments:
    """Load what a version stands for: one model, or several with their conditions.

    Raises:
        NotFound: the store has not kept one of its models.
    """
    nodes = segment_nodes(kept.source, name=f"version {kept.version}")
    if not nodes:
        return Segments([Segment(model=load_version(kept))])
    entries = []
    for node, written in zip(nodes, json.loads(kept.source)[MODELS], strict=True):
        model = _kept(unit, kept.workspace_no, written["version"])
        when = None if node.when is None else read_when(node.when, model, name=f"version {kept.version}")
        entries.append(Segment(model=model, when=when))
    return Segments(entries)


def load_version(kept: ModelVersion) -> Model:
    """Load the model of a published version."""
    return load_model(kept.source, name=f"version {kept.version}", read_list=kept.lists.__getitem__)


def _kept(unit: Unit, workspace_no: int, version: str) -> Model:
    kept = unit.models.get(workspace_no, version)
    if kept is None:
        raise NotFound(f"the version {version} is not in the store any more", next_step="leadgrade sync publishes it")
    return load_version(kept)


def diff_segments(before: Segments, after: Segments) -> list[Change]:
    """Tell who is scored by another model, then what differs within the models of the same name."""
    if before.version == after.version:
        return []
    if before.for_everybody is not None and after.for_everybody is not None:
        return diff_models(before.entries[0].model, after.entries[0].model)
    changes = list(_entries(before, after))
    old = {each.model.name: each.model for each in reversed(before.entries)}
    for name, model in {each.model.name: each.model for each in reversed(after.entries)}.items():
        if name in old:
            changes += [replace(each, section=f"{name}: {each.section}") for each in diff_models(old[name], model)]
    return changes


def _entries(before: Segments, after: Segments) -> list[Change]:
    old, new = [_told(each) for each in before.entries], [_told(each) for each in after.entries]
    changes = []
    for number in range(max(len(old), len(new))):
        was, now = (each[number] if number < len(each) else "" for each in (old, new))
        if was != now:
            kind = ChangeKind.CHANGED if was and now else ChangeKind.ADDED if now else ChangeKind.REMOVED
            what = "who" if kind is ChangeKind.CHANGED else ""
            changes.append(
                Change(section=MODELS, item=f"entry {number + 1}", kind=kind, what=what, before=was, after=now)
            )
    return changes


def _told(entry: Segment) -> str:
    return f"{entry.model.name} for {'everybody else' if entry.when is None else condition(entry.when)}"
