"""Pages are fetched ahead: never more than allowed, in order, and none in vain."""

import threading
from collections import Counter

import pytest

from integrations.contract.errors import BudgetEmpty, Retryable
from integrations.contract.secret import Secret
from integrations.models import SyncRun
from integrations.providers.litmos.client import LitmosClient
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox
from integrations.services import open_run
from integrations.sync import engine, journal
from integrations.sync.ahead import Ahead
from targets.models import Target

pytestmark = pytest.mark.django_db


class Purse:
    """A budget of so many calls, filled again by `fill`."""

    def __init__(self, calls: int) -> None:
        self.size = self.left = calls
        self.lock = threading.Lock()

    def fill(self) -> None:
        self.left = self.size

    def take(self) -> None:
        with self.lock:
            if not self.left:
                raise BudgetEmpty(30)
            self.left -= 1

    def drain(self, seconds: float) -> None:
        self.left = 0


@pytest.fixture
def rehearsal():
    sandbox = Sandbox(users=43, teams=7, courses=3, rate=None)
    with sandbox.serve() as server:
        yield sandbox, server.url


def worked(connection, rehearsal, purse, is_time_up) -> SyncRun:
    sandbox, url = rehearsal
    run = open_run(connection=connection, trigger="MANUAL").run
    while run.is_open:
        purse.fill()
        session = LitmosClient(
            base_url=url,
            api_key=Secret(sandbox.api_key),
            budget=purse,
            limits=Limits(page_size=5),
        )
        SyncRun.objects.update(next_attempt_at=None)
        engine.work(journal.claim(run.pk), session, is_time_up=is_time_up)
        session.close()
        run.refresh_from_db()
    return run


@pytest.mark.parametrize("calls", [1, 2, 3, 5, 8, 1000])
@pytest.mark.parametrize("is_time_up", [False, True])
def test_no_call_is_made_in_vain(connection, rehearsal, calls, is_time_up):
    """However often the budget is empty or the step's time up: each page is asked for once."""
    sandbox, _ = rehearsal
    run = worked(connection, rehearsal, Purse(calls), lambda: is_time_up)
    assert run.status in ("SYNCED", "WARNINGS")
    asked = Counter((call.path, call.query.get("start")) for call in sandbox.calls)
    assert set(asked.values()) == {1}, asked
    assert run.calls == len(sandbox.calls)
    assert Target.objects.count() > 30


class Gate:
    """A session whose pages wait until as many as are allowed are under way."""

    most_ahead = 4

    def __init__(self, shared=None) -> None:
        self.calls = 0
        self.shared = shared or {"now": 0, "most": 0, "lock": threading.Condition(), "asked": []}

    def fork(self):
        return Gate(self.shared)

    def prepay(self) -> None:
        pass

    def close(self) -> None:
        pass

    def read_people(self, start: int) -> int:
        self.calls += 1
        shared = self.shared
        with shared["lock"]:
            shared["asked"].append(start)
            shared["now"] += 1
            shared["most"] = max(shared["most"], shared["now"])
            shared["lock"].notify_all()
            shared["lock"].wait_for(lambda: shared["most"] >= self.most_ahead, timeout=60)
            shared["now"] -= 1
        if start == 13:
            raise Retryable("bad_format")
        return start


def asks(*numbers):
    return [("read_people", (number,)) for number in numbers]


def test_four_are_under_way_and_come_in_order():
    gate = Gate()
    ahead = Ahead(gate)
    got = [ahead.read(ask, asks(*range(at + 1, 12))) for at, ask in enumerate(asks(*range(12)))]
    ahead.close()
    assert (got, gate.shared["most"], gate.calls) == (list(range(12)), 4, 12)
    assert sorted(gate.shared["asked"]) == list(range(12))


def test_an_error_comes_when_its_page_is_asked_for():
    ahead = Ahead(Gate())
    assert ahead.read(*asks(10), asks(11, 12, 13)) == 10
    assert [ahead.read(ask) for ask in asks(11, 12)] == [11, 12]
    with pytest.raises(Retryable):
        ahead.read(*asks(13))
    ahead.close()


def test_when_time_is_up_only_what_is_under_way_is_read():
    gate = Gate()
    ahead = Ahead(gate)
    ahead.read(*asks(0), asks(1, 2, 3, 4))
    goes_on = [ahead.winds_down()]
    for ask in asks(1, 2, 3):
        ahead.read(ask, asks(4, 5, 6))
        goes_on.append(ahead.winds_down())
    ahead.close()
    assert goes_on == [True, True, True, False]
    assert sorted(gate.shared["asked"]) == [0, 1, 2, 3]
