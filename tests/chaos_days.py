"""Days of two connections with whatever happens to CRMs, told by a plan; what each day was like, and how it all ended."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

from config.settings import load_settings
from connectors.sandbox.faults import Drop, Reply, exhaust_quota, expire_sessions, unavailable
from sync.admin.actions.runs import ask, release
from sync.jobs.daemon import Daemon
from sync.store.run_rows import RunKind, RunStatus
from sync.store.tables import delivery, pause, sync_run
from sync.values import SILENT, normal_values
from tests.operators import own_model
from tests.worlds import BOTH, NOW, World

TITLES = ("Chief Financial Officer", "VP Marketing", "Head of Sales", "Intern", "Buyer", "Engineer", None)
#: Calls a day that each CRM allows, and the part of them that is ours.
LIMIT, SHARE = 4000, 50
#: Hours of the day between which what lasts lasts.
FROM, UNTIL = 9, 15
_FORBIDDEN = {"status": "error", "message": "no scope", "category": "MISSING_SCOPES", "correlationId": "c-1"}
_NO_ACCESS = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no access"}]


class Days:
    """A world, its daemon, and a diary."""

    def __init__(self, world, *, seed, step):
        self.world, self.seed, self.step = world, seed, step
        self.rng = Random(f"days {seed}")
        self.daemon = Daemon(app=world.app, load=lambda: load_settings(world.folder / "leadgrade.yaml"))
        #: One row a day.
        self.diary = []
        self._lasting, self._passing = [], []
        self._held_seen = set()
        for org in world.orgs().values():
            org.quotas["daily"].limit = LIMIT

    @property
    def app(self):
        return self.daemon.shared.app

    def live(self, plan):
        """Day after day: what the plan says for it, and the daemon at its work."""
        for number, events in enumerate(plan):
            before = {name: org.requests.total for name, org in self.world.orgs().items()}
            begin = NOW + timedelta(days=number)
            for hour in range(0, 24, self.step):
                at = begin + timedelta(hours=hour)
                self.world.advance(max(0.0, (at - self.world.clock.now()).total_seconds()))
                for event in events:
                    getattr(self, event)(at.hour)
                self._rest()
            for event in events:
                getattr(self, f"{event}_over", lambda: None)()
            self._note(number, events, begin, before)

    def _rest(self):
        for _ in range(400):
            if not self.daemon.turn():
                return
        message = "the workers do not come to rest"
        raise AssertionError(message)

    # ------------------------------------------------------------ what happens

    def changes(self, _hour):
        """People work in both CRMs."""
        portal, sales = self.world.hubspot, self.world.salesforce
        theirs = sorted((each.id for each in portal.scan("contacts")), key=int)
        prospects = sorted(each.id for each in sales.scan("Lead") if not each.values.get("IsConverted"))
        portal.update("contacts", self.rng.choice(theirs), {"jobtitle": self.rng.choice(TITLES)}, by="user")
        sales.update("Lead", self.rng.choice(prospects), {"Title": self.rng.choice(TITLES)}, by=sales.settings["admin"])
        self.world.visit(self.rng.choice(theirs), self.rng.choice(("/pricing", "/demo", "/jobs")))
        if self.rng.random() < 0.1:
            number = self.rng.randrange(10**6)
            portal.create("contacts", {"email": f"new{number}@company{number}.example", "jobtitle": "CEO"}, by="user")
        if self.rng.random() < 0.05:
            portal.delete("contacts", self.rng.choice(theirs))

    def faults(self, _hour):
        """The network and the CRMs stumble, never twice at the same call."""
        for fault in self._passing:
            fault.times = 0
        self._passing.clear()
        for name in BOTH:
            faults = self.world.faults(name)
            for effect in (unavailable(), Drop(apply=True), Drop(keep=20), expire_sessions()):
                where = {"path": "/services/data|/crm/|/events/", "after": self.rng.randrange(60)}
                self._passing.append(faults.add(effect, **where))
            slow = Reply(status=429, payload={"message": "slow down"}, headers={"Retry-After": "3"})
            self._passing.append(faults.add(slow, path="/crm/|/services/data", after=self.rng.randrange(60)))

    def quota(self, hour):
        """Somebody else uses up HubSpot's calls of the day."""
        if hour >= FROM:
            exhaust_quota().act(self.world.hubspot)

    def outage(self, hour):
        """Salesforce is down for six hours."""
        self._between(hour, "salesforce", Reply(status=503, payload=[{"errorCode": "SERVER_UNAVAILABLE"}]), "/")

    def workflow(self, _hour):
        """A workflow of somebody else writes into our field, again and again."""
        for one in sorted((each.id for each in self.world.hubspot.scan("contacts")), key=int)[:2]:
            self.world.hubspot.update("contacts", one, {"leadgrade_score": "1"}, by="workflow")

    def permission(self, _hour):
        """All day HubSpot refuses our writes, and Salesforce hides the tasks."""
        if not self._lasting:
            self._begin("hubspot", Reply(status=403, payload=_FORBIDDEN), "batch/update")
            self._begin("salesforce", Reply(status=403, payload=_NO_ACCESS), r"FROM Task\b")

    def permission_over(self):
        self._end()

    def model(self, hour):
        """Another model is put in place of the old one: it changes nearly everybody."""
        if hour >= FROM and len(self._models) > 1:
            self._models.pop(0)
            (self.world.folder / "model.yaml").write_text(self._models[0])
            assert self.daemon.reload()

    def admin(self, hour):
        """Somebody lets go what is held, and has found the workflow: what it wrote is written over, as the pause says."""
        if hour >= FROM:
            for run in self._open():
                if run.status is RunStatus.HELD:
                    release(self.app, run.run_no, by="admin")
            if any(row["code"] == "drift" for row in self.world.rows(pause)):
                ask(self.app, RunKind.REWRITE, by="admin")

    def with_models(self, *models):
        """The models that `model` puts in force one after the other; the first is in force now."""
        self._models = list(models)
        return self

    def _between(self, hour, name, effect, path):
        if FROM <= hour < UNTIL and not self._lasting:
            self._begin(name, effect, path)
        elif hour >= UNTIL:
            self._end()

    def _begin(self, name, effect, path):
        self._lasting.append(self.world.faults(name).add(effect, path=path, times=None))

    def _end(self):
        for fault in self._lasting:
            assert fault.seen
            fault.times = 0
        self._lasting.clear()

    # ------------------------------------------------------------ what each day was like

    def _open(self):
        with self.app.store.read() as unit:
            return unit.runs.open()

    def _note(self, number, events, begin, before):
        end = begin + timedelta(days=1)
        runs = self.world.rows(sync_run, sync_run.c.requested_at >= begin, sync_run.c.requested_at < end)
        outcomes = Counter(
            row["outcome"] for row in self.world.rows(delivery, delivery.c.at >= begin, delivery.c.at < end)
        )
        held = {row["run_no"] for row in self.world.rows(sync_run) if row["status"] == "held"} - self._held_seen
        self._held_seen |= held
        self.diary.append(
            {
                "day": number + 1,
                "events": events,
                "runs": Counter(row["kind"] for row in runs),
                "ended": Counter(row["status"] for row in runs),
                "calls": {name: org.requests.total - before[name] for name, org in self.world.orgs().items()},
                "rescored": sum(int((row["counts"] or {}).get("scored", 0)) for row in runs),
                "written": outcomes["accepted"],
                "refused": outcomes["rejected"],
                "deferred": outcomes["deferred"],
                "held": len(held),
                "paused": sorted({row["code"] for row in self.world.rows(pause)}),
            }
        )

    def report(self):
        """The diary as lines."""
        yield f"seed {self.seed}; {LIMIT} calls a day, {SHARE} % of them ours: {LIMIT * SHARE // 100}"
        for row in self.diary:
            runs = " ".join(f"{kind}:{many}" for kind, many in sorted(row["runs"].items()))
            ended = " ".join(f"{status}:{many}" for status, many in sorted(row["ended"].items()))
            calls = " ".join(f"{name}:{many}" for name, many in row["calls"].items())
            yield (
                f"day {row['day']:2} [{', '.join(row['events'])}] runs {runs} | {ended} | calls {calls} | rescored "
                f"{row['rescored']} | written {row['written']} | held {row['held']} | paused {row['paused'] or '-'} | "
                f"refused {row['refused']}, deferred {row['deferred']}"
            )

    # ------------------------------------------------------------ how it ended

    def fresh(self, folder):
        """Record -> what a store that knows nothing of the past computes from the same CRMs."""
        folder.mkdir()
        own_model(folder)
        other = World(folder, self.world.server, self.world.clock, BOTH, self.world.settings)
        other.more = self.world.more
        (folder / "model.yaml").write_text(self._models[0])
        other.start()
        try:
            other.cycle()
            return {(name, *key): loud(entry.desired) for name in BOTH for key, entry in other.entries(name).items()}
        finally:
            other.app.close()

    def held_by_crms(self):
        """Record -> what the CRMs hold in our fields, where they hold anything."""
        found = {}
        for name, org in self.world.orgs().items():
            for object_name, outputs in self.app.field_map(name).outputs.items():
                for record in org.scan(object_name):
                    values = loud({output: record.values.get(field) for output, field in outputs.items()})
                    if any(value not in (None, False) for value in values.values()):
                        found[name, object_name, record.id] = values
        return found


def loud(values):
    """Values without what only tells of the last write."""
    return {name: value for name, value in normal_values(values or {}).items() if name not in SILENT}
