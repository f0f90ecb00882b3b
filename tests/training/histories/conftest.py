import pytest

from integrations import budget
from integrations.providers.litmos.client import LitmosClient
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox
from integrations.providers.litmos.sandbox.server import Serving
from tests.training.histories.clock import Clock
from tests.training.histories.plan import Step, World
from tests.training.histories.playing import play
from tests.training.histories.seam import Seam
from training.services import importing, lanes, looking
from training.services.waves import Wave


class Stage:
    """Where histories are played one after another, each with a Litmos of its own behind one socket."""

    def __init__(self, monkeypatch) -> None:
        self.monkeypatch = monkeypatch
        self.sandbox = Sandbox(users=0, teams=0, courses=0, rate=None)
        self.clock = Clock()

    def respond(self, request, pause):
        return self.sandbox.respond(request, pause)

    def play(self, world: World, steps: list[Step]) -> None:
        with self.monkeypatch.context() as patch:
            self.clock = Clock()
            seam = Seam(self.clock)
            self.sandbox = Sandbox(users=0, teams=0, courses=0, rate=None, now=self.clock.now)
            self._put_in_place(patch, seam, world)
            play(self.sandbox, self.clock, seam, world, steps)

    def _put_in_place(self, patch, seam: Seam, world: World) -> None:
        limits = Limits(tries=2, page_size=world.page_size)
        fetch, begin = LitmosClient._fetch, LitmosClient.__init__

        def quick(client, **given):
            begin(client, **{**given, "limits": limits, "sleep": self.clock.pass_by})

        patch.setattr(LitmosClient, "__init__", quick)
        patch.setattr(LitmosClient, "_fetch", lambda client, call: seam.fetch(fetch, client, call))
        patch.setattr(budget, "for_key", lambda fingerprint, purpose: seam)
        patch.setattr("django.utils.timezone.now", self.clock.now)
        patch.setattr(lanes, "Now", self.clock.in_sql)
        if world.way:
            patch.setattr(importing, "FEWEST", 1)
            patch.setattr(Wave, "is_imported", property(lambda wave: True))
            patch.setattr(looking, "is_by_course", lambda *numbers: world.way == "COURSE")


@pytest.fixture
def stage(monkeypatch, settings, db):
    made = Stage(monkeypatch)
    settings.STEP_SECONDS = 60
    with Serving(made.respond, 0) as serving:
        settings.LITMOS_EXTRA_REGIONS = f"Rehearsal={serving.url}"
        yield made
