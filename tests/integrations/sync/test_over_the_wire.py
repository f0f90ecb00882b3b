"""Every fault over a socket: how the run ends, and that the Portal is as the rules say afterwards."""

from dataclasses import replace

import pytest
from django_scopes import scope

from groups.models import Group
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox
from targets.models import Target
from tests.integrations.sync.states import courses, memberships
from tests.integrations.sync.wire import HASTY, QUICK, Wire
from tests.passes import spread

pytestmark = pytest.mark.django_db

#: (faults, status, error code): the run gives up, and nothing is changed.
GIVES_UP = [
    ("401", "FAILED", "key_refused"),
    ("403", "FAILED", "not_permitted"),
    ("404:/teams$", "FAILED", "wrong_site"),
    ("404:/users/details", "FAILED", "wrong_site"),
    ("500", "FAILED", "litmos_unavailable"),
    ("503", "FAILED", "throttled"),
    ("429=7", "FAILED", "throttled"),
    ("reset", "FAILED", "litmos_unavailable"),
    ("shortbody", "FAILED", "litmos_unavailable"),
    ("truncated", "FAILED", "bad_format"),
    ("html200", "FAILED", "bad_format"),
    ("xml", "FAILED", "bad_format"),
    ("empty200", "FAILED", "bad_format"),
    ("latin1", "FAILED", "bad_format"),
    ("utf16", "FAILED", "bad_format"),
    ("nan", "FAILED", "bad_format"),
    ("nan=1e999", "FAILED", "bad_format"),
    ("deepnest", "FAILED", "bad_format"),
    ("object", "FAILED", "bad_format"),
    ("gzipbomb", "FAILED", "too_large"),
    ("redirect=http://127.0.0.1:9/", "FAILED", "unexpected_redirect"),
    ("drip", "FAILED", "litmos_unavailable"),
    ("slow=600", "FAILED", "litmos_unavailable"),
    ("emptylist:/users/details", "HELD", ""),
]
#: (faults, status): it passes, and the result is that of a sync without the fault.
PASSES = [
    ("500@1", "SYNCED"),
    ("500@2-3", "SYNCED"),
    ("503@4", "SYNCED"),
    ("429=2@2", "SYNCED"),
    ("reset@3", "SYNCED"),
    ("truncated@2", "SYNCED"),
    ("html200@2", "SYNCED"),
    ("slow=600@1", "SYNCED"),
    ("bom", "SYNCED"),
    ("extra_keys", "SYNCED"),
    ("nulls", "SYNCED"),
    ("strings", "SYNCED"),
    ("reordered", "SYNCED"),
    ("unstable", "SYNCED"),
    ("oversized", "SYNCED"),
]
#: How long an answer without an end is waited for.
LIMITS = {
    "drip": {"limits": HASTY},
    "slow=600": {"limits": HASTY},
    "slow=600@1": {"limits": HASTY, "then": QUICK},
}


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(users=40, teams=5, courses=4, seed=5, rate=None)


@pytest.fixture
def wire(acme, sandbox):
    with scope(account=acme), sandbox.serve() as server:
        yield Wire(acme, sandbox, server.url)


def state() -> tuple:
    values = Target.objects.order_by("email").values(
        "email", "name", "city", "timezone", "language", "manager", "optional_1", "left_source_at"
    )
    return memberships(), courses(), list(values)


@pytest.mark.parametrize(("faults", "status", "code"), spread(GIVES_UP))
def test_fault_that_stays_leaves_everything_as_it_was(wire, sandbox, faults, status, code):
    assert wire.sync().status == "SYNCED"
    before = state()
    sandbox.tenant.deactivate(next(iter(sandbox.tenant.users)))
    sandbox.faults.set(faults)

    run = wire.sync(**LIMITS.get(faults, {}))

    assert (run.status, run.error_code) == (status, code)
    assert state() == before


@pytest.mark.parametrize(("faults", "status"), spread(PASSES))
def test_fault_that_passes_changes_nothing_of_the_result(wire, sandbox, globex, faults, status):
    assert wire.sync().status == "SYNCED"
    expected = state()
    with scope(account=globex):
        sandbox.faults.set(faults)
        other = Wire(globex, sandbox, wire.url)
        run = other.sync(**LIMITS.get(faults, {}))

        assert (run.status, run.error_code) == (status, "")
        assert state() == expected


def test_one_team_that_is_not_found_keeps_its_people(wire, sandbox):
    wire.sync()
    before = memberships()
    team, people = next((t, sandbox.tenant.members(t)) for t in sandbox.tenant.teams)
    for person in people:
        sandbox.tenant.leave(team, person)
    sandbox.faults.set(f"404:/teams/{team}/users")

    run = wire.sync()

    assert run.status == "WARNINGS"
    name = Group.objects.get(links__integration_id=team).name
    assert memberships()[name] == before[name]


def test_bad_records_among_good_ones_are_left_out_and_told(wire, sandbox):
    wire.sync()
    before = state()
    sandbox.faults.set("badrecord=3:/users/details")

    run = wire.sync()

    assert run.status == "WARNINGS"
    rows = run.changes.filter(reason="UNREADABLE").values_list("kind", "reason_args")
    assert sum(args["number"] if kind == "NOTE" else 1 for kind, args in rows) == 3
    assert state() == before


def test_too_many_bad_records_hold_everything(wire, sandbox):
    wire.sync()
    before = state()
    sandbox.tenant.update_user(next(iter(sandbox.tenant.users)), City="Elsewhere")
    sandbox.faults.set("badrecord=9:/users/details")

    run = wire.sync()

    assert (run.status, run.hold_reason) == ("HELD", "unreadable")
    assert state() == before


def test_server_that_repeats_a_page_is_not_believed(wire, sandbox):
    small = replace(QUICK, page_size=10)
    wire.sync(limits=small)
    before = state()
    sandbox.faults.set("stuck:/users/details")

    run = wire.sync(limits=small)

    assert (run.status, run.error_code) == ("FAILED", "bad_format")
    assert state() == before


def test_server_with_a_page_size_of_its_own_is_read_whole(wire):
    capped = Sandbox(users=250, teams=2, courses=3, seed=8, rate=None)
    with capped.serve() as server:
        wire.url = server.url
        assert wire.sync(api_key=capped.api_key).status == "SYNCED"
        before = state()
        capped.faults.set("pagesize=100")
        run = wire.sync(api_key=capped.api_key)

    assert run.status == "SYNCED"
    assert state() == before


@pytest.mark.parametrize("faults", ["dup:/users/details", "drift:/users/details"])
def test_rows_that_move_while_paging_remove_nobody(wire, sandbox, faults):
    small = replace(QUICK, page_size=10)
    assert wire.sync(limits=small).status == "SYNCED"
    before = state()
    sandbox.faults.set(faults)

    run = wire.sync(limits=small)

    assert run.status in ("SYNCED", "WARNINGS")
    assert state() == before


def test_key_of_another_organisation_holds_everything(wire, sandbox, acme):
    wire.sync()
    before = state()
    other = Sandbox(users=60, teams=5, courses=4, seed=99, rate=None)
    with other.serve() as server:
        wire.url = server.url
        run = wire.sync(api_key=other.api_key)

    assert (run.status, run.hold_reason) == ("HELD", "half_unknown")
    assert state() == before


@pytest.mark.parametrize(
    ("people", "teams"), [(10, 1), (100, 3), (250, 4), (1000, 5), (1001, 7), (2500, 12)]
)
def test_calls_of_a_full_read(wire, people, teams):
    """ceil(people/1000) + ceil(teams/1000) + Σ max(1, ceil(members/1000)) + ceil(courses/1000) + 3."""
    big = Sandbox(users=people, teams=teams, courses=40, seed=people, rate=None)
    with big.serve() as server:
        wire.url = server.url
        run = wire.sync(api_key=big.api_key, limits=Limits())
    members = [len(big.tenant.members(team)) for team in big.tenant.teams]
    bound = -(-people // 1000) + 1 + sum(max(1, -(-number // 1000)) for number in members) + 1

    assert run.status in ("SYNCED", "WARNINGS")
    assert run.calls == len(big.calls)
    assert bound <= run.calls <= bound + 3


HOSTILE = [
    "<script>alert(1)</script>",
    "a\x00b",
    "\ud800x",
    "\u202eevil",
    "🦄" * 300,
    "=HYPERLINK(1)",
]


def test_hostile_names_are_kept_clean(wire, sandbox):
    team = next(iter(sandbox.tenant.teams))
    sandbox.tenant.rename_team(team, "X" * 500)
    for number, name in enumerate(HOSTILE):
        user = sandbox.tenant.add_user(
            FirstName=name, LastName="L", FullName=name, Email=f"h{number}@acme.example"
        )
        sandbox.tenant.join(team, user)

    run = wire.sync()

    assert run.status in ("SYNCED", "WARNINGS")
    kept = dict(Target.objects.filter(email__startswith="h").values_list("email", "name"))
    assert kept["h0@acme.example"] == "<script>alert(1)</script>"
    assert kept["h1@acme.example"] == "ab"
    assert "\ud800" not in kept["h2@acme.example"]
    assert kept["h3@acme.example"] == "evil"
    assert kept["h4@acme.example"] == "🦄" * 200
    assert kept["h5@acme.example"] == "=HYPERLINK(1)"
    assert max(len(name) for name in memberships()) == 255
