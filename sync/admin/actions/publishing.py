"""Publishing a model, and going back to an earlier one: looked at first, approved in its size, then put where the settings name it.

The file that the settings name is what scores (docs/decisions/0006-publishing-a-model.md).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from config.errors import SettingsError
from connectors.errors import ConnectorError
from scoring.model_file_segments import MODELS, segment_nodes
from sync.api_calls import calls_of_the_day
from sync.deliver.approval import Approval, approve
from sync.deliver.guard import blanks_it, changes_it
from sync.errors import NotFound
from sync.rescore.compare import compare
from sync.rescore.scoring_run import Rescore
from sync.rules import scoring_day, scoring_rules
from sync.scoring_model import read_model, read_models
from sync.store.sql.markers import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from config.settings import Settings
    from sync.app import App
    from sync.scoring_model import LoadedModel, ModelInForce
    from sync.store.sql.connections import ConnectionRow
    from sync.store.sql.models import ModelVersion

_PRESET: Final = "preset:"
#: Records in one call and seconds that one call takes, where nothing better is known.
_BATCH, _SECONDS_A_CALL = 100, 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What a model would do to one CRM."""

    connection: str
    writes: str
    #: Records of people that would be written; those of companies follow.
    records: int
    #: Of them: with another grade, qualified or disqualified; these go first.
    changes: int
    #: Of them: blanked.
    blanks: int
    #: API calls, and the hours that they take within the connection's share of the day.
    calls: int
    hours: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What publishing would change; approved as it stands."""

    model: str
    version: str
    #: Of what scored last; None before the first scores.
    before: str | None
    #: Where the model is put; empty when it stands there already.
    file: str
    people: int
    changed: int
    #: Of the changed: how many change in total, grade, rating, qualified, disqualified, in_scope.
    by: dict[str, int]
    connections: tuple[Written, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A model that may be published: what would score, and the files to be put in place."""

    force: ModelInForce
    #: File -> its new text.
    files: Mapping[Path, str]
    #: What stands in those files now.
    replaced: Sequence[LoadedModel] = ()


def draft(app: App, file: Path | None) -> Draft:
    """A model file as it would score in the place of the configured one of the same place or name.

    Args:
        app: The app.
        file: The new model; absent: what the settings name, as it stands.

    Raises:
        ModelError: with every problem of the model.
        SettingsError: the settings name no file that it could replace.
    """
    if file is None:
        return Draft(force=app.model, files={})
    return _draft(app, [(read_model(file), file)])


def earlier(app: App, version: str, folder: Path) -> Draft:
    """An earlier version, unpacked into a folder.

    Raises:
        NotFound: no such version is in the store.
    """
    with app.store.read() as unit:
        found = [each for each in unit.models.all(app.workspace_no) if each.version.startswith(version)]
        if len(found) != 1:
            raise NotFound(
                f"{'several versions begin' if found else 'no version begins'} with {version}",
                next_step="leadgrade model versions lists them",
            )
        several = segment_nodes(found[0].source, name=f"version {version}")
        parts = json.loads(found[0].source)[MODELS] if several else []
        kept = [unit.models.get(app.workspace_no, each["version"]) for each in parts] if parts else [found[0]]
    known = {each.version: each for each in kept if each is not None}
    return _draft(app, [_unpacked(each, folder / str(place)) for place, each in enumerate(known.values())])


def _unpacked(kept: ModelVersion, folder: Path) -> tuple[LoadedModel, Path]:
    path = folder / "model.yaml"
    for name, text in {"model.yaml": kept.source, **kept.lists}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return read_model(path), path


def announce(
    app: App, drafted: Draft, *, looked: Callable[[int, int], None] = lambda _done, _all: None
) -> Announcement:
    """Score everybody with a draft and count what would change; nothing is stored or written."""
    rules = scoring_rules(app, day=scoring_day(app), model=drafted.force)
    people: Counter[str] = Counter()
    records, changes, blanks = Counter[int](), Counter[int](), Counter[int]()
    for each in compare(Rescore(store=app.store, clock=app.clock, rules=rules), looked=looked):
        people += each.people
        for number, desired, sent in each.records:
            records[number] += 1
            changes[number] += sent is not None and changes_it(desired, sent)
            blanks[number] += sent is not None and blanks_it(desired, sent)
    with app.store.read() as unit:
        live = unit.models.live(app.workspace_no)
    return Announcement(
        model=drafted.force.name,
        version=drafted.force.version,
        before=live.version if live else None,
        file=", ".join(str(path) for path in drafted.files if path.suffix in {".yaml", ".yml"}),
        people=people.pop("people", 0),
        changed=people.pop("changed", 0),
        by=dict(people),
        connections=tuple(
            _written(app, row, records[row.connection_no], changes[row.connection_no], blanks[row.connection_no])
            for row in app.connections(app.names()).values()
        ),
    )


def publish(
    app: App, drafted: Draft, announced: Announcement, *, by: str = "operator", action: str = "published"
) -> None:
    """Put the draft in its place and approve what was announced; a daemon takes it within seconds, the next sync otherwise."""
    with app.store.write() as unit:
        for old in drafted.replaced:
            unit.models.keep(
                app.workspace_no, version=old.model.version, model=old.model.name, source=old.source, lists=old.lists
            )
    for path, text in drafted.files.items():
        part = path.with_name(f".{path.name}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    rows = app.connections(app.names())
    with app.store.write() as unit:
        for each in announced.connections:
            approval = Approval(version=announced.version, changes=each.changes, blanks=each.blanks, by=by)
            approve(unit, rows[each.connection].connection_no, approval)
        unit.markers.put(PUBLISHED, {"version": announced.version, "at": app.clock.now().isoformat()})
        unit.audit.note(by, f"model {action}", _detail(announced))


def versions(app: App) -> list[ModelVersion]:
    """All versions that the store keeps, the last published first."""
    with app.store.read() as unit:
        return unit.models.all(app.workspace_no)


def _detail(announced: Announcement) -> dict[str, Any]:
    told = asdict(announced)
    return {name: told[name] for name in ("model", "version", "before", "people", "changed", "by", "connections")}


def _draft(app: App, drafts: Sequence[tuple[LoadedModel, Path]]) -> Draft:
    places = {new.model.name: _place(app, new) for new, _ in drafts}
    files: dict[Path, str] = {}
    replaced = []
    for new, path in drafts:
        target, old = places[new.model.name]
        if target.resolve() == path.resolve():
            continue
        replaced.append(old)
        files |= {target.parent / name: text for name, text in new.lists.items()} | {target: new.source}
    _refuse_shared_lists(app, files, {new.model.name for new, _ in drafts})
    with TemporaryDirectory() as folder:
        # Read as it would stand there, so that what is announced is what will be read.
        moved = {target: Path(folder) / str(number) for number, (target, _) in enumerate(places.values())}
        for new, _ in drafts:
            place = moved[places[new.model.name][0]]
            for name, text in {"model.yaml": new.source, **new.lists}.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(text, encoding="utf-8")
        force = read_models(_with(app.settings, {target: place / "model.yaml" for target, place in moved.items()}))
    return Draft(force=force, files=files, replaced=replaced)


def _with(settings: Settings, moved: Mapping[Path, Path]) -> Settings:
    """The settings with other files in the place of some models."""

    def name(configured: str) -> str:
        path = settings.model_path(configured)
        return str(moved[path]) if path in moved else configured

    if not settings.models:
        return settings.model_copy(update={"model": name(settings.model)})
    entries = tuple(each.model_copy(update={"model": name(each.model)}) for each in settings.models)
    return settings.model_copy(update={"models": entries})


def _place(app: App, new: LoadedModel) -> tuple[Path, LoadedModel]:
    """The configured file that a model replaces, and what stands there: of several models, the one of the same name."""
    settings = app.settings
    if not settings.models:
        configured, old = settings.model, app.model.models[0]
    else:
        pairs = zip(settings.models, app.model.entries, strict=True)
        same = [(entry.model, each.loaded) for entry, each in pairs if each.loaded.model.name == new.model.name]
        if not same:
            known = ", ".join(each.model.name for each in app.model.models)
            raise SettingsError(
                f"{settings.source}: none of the models is called {new.model.name}; known: {known}",
                next_step="correct `name` in the model, or add an entry under `models`",
            )
        configured, old = same[0]
    if configured.startswith(_PRESET):
        raise SettingsError(
            f"{settings.source}: {configured} ships with Leadgrade and is not replaced",
            next_step="name a file of your own in the settings, then: leadgrade model publish",
        )
    return settings.model_path(configured), old


def _refuse_shared_lists(app: App, files: Mapping[Path, str], names: set[str]) -> None:
    """A list that another model reads, too, must not change under it."""
    for entry, each in zip(app.settings.models, app.model.entries, strict=False):
        if each.loaded.model.name in names:
            continue
        folder = app.settings.model_path(entry.model).parent
        for name, text in each.loaded.lists.items():
            if files.get(folder / name, text) != text:
                raise SettingsError(
                    f"{folder / name}: the model {each.loaded.model.name} reads this list, too, and it would change",
                    next_step="give the lists different names",
                )


def _written(app: App, row: ConnectionRow, records: int, changes: int, blanks: int) -> Written:
    try:
        batch = app.connector(row.name).write_batch
    except (ConnectorError, SettingsError):
        batch = _BATCH
    calls = -(-records // batch)
    with app.store.read() as unit:
        day = calls_of_the_day(unit, row.connection_no, app.clock.now())
    hours = calls * _SECONDS_A_CALL / 3600
    if day.limit:
        share = max(1.0, day.limit * app.settings.connections[row.name].daily_share / 100)
        beyond = calls - max(0.0, share - day.ours)
        hours = max(hours, 24 * beyond / share)
    return Written(
        connection=row.name,
        writes=row.writes.value,
        records=records,
        changes=changes,
        blanks=blanks,
        calls=calls,
        hours=round(hours, 2),
    )
