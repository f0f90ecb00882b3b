"""What Litmos may answer, each over a socket."""

import pytest

from groups.models import Group
from integrations.models import Connection, TargetLink
from integrations.providers.litmos.sandbox import Sandbox
from targets.models import Target
from tests.integrations.litmos.badserver import BadServer, json_body
from tests.integrations.sync.wire import HASTY, QUICK

pytestmark = pytest.mark.django_db


def each(ends, expected: dict[str, str], **options) -> str:
    """Every fault by itself; returns them with their endings."""
    found = {faults: ends(faults, **options) for faults in expected}
    assert found == expected
    return "; ".join(f"{faults}: {ending}" for faults, ending in found.items())


def test_refused(row, ends):
    """401 and 403"""
    told = each(ends, {"401": "FAILED key_refused", "403": "FAILED not_permitted"})
    assert Connection.objects.get().key_refused_since
    row(told)


def test_missing_list(row, ends):
    """404 on a list"""
    expected = {"404:/teams$": "FAILED wrong_site", "404:/users/details": "FAILED wrong_site"}
    row(each(ends, expected))


def test_missing_members(row, ends, sandbox):
    """404 on one team's members"""
    team = next(iter(sandbox.tenant.teams))
    row(each(ends, {f"404:/teams/{team}/users": "WARNINGS"}))


def test_throttle(row, ends):
    """429 and 503"""
    expected = {"503@4": "SYNCED", "429=2@2": "SYNCED", "503": "FAILED throttled"}
    row(each(ends, expected))


def test_outage(row, ends):
    """500, 502 and 504"""
    out = "FAILED litmos_unavailable"
    row(each(ends, {"500@2-3": "SYNCED", "502@1": "SYNCED", "500": out, "502": out, "504": out}))


def test_unreachable(row, ends, wire):
    """Connection refused, no such host, no TLS"""
    real, found = wire.url, []
    for url in (
        "http://127.0.0.1:9/v1.svc",
        "http://no-such-host.invalid/v1.svc",
        real.replace("http:", "https:"),
    ):
        wire.url = url
        found.append(ends())
    wire.url = real
    out = "FAILED litmos_unavailable"
    assert found == [out, out, "FAILED tls"]
    row(", ".join(found))


def test_too_slow(row, ends):
    """Answers too late, or byte by byte"""
    out = "FAILED litmos_unavailable"
    once = each(ends, {"slow=600@1": "SYNCED"}, limits=HASTY, then=QUICK)
    always = each(ends, {"slow=600": out, "drip:/users/details": out}, limits=HASTY)
    row(f"{once}; {always}")


def test_broken_off(row, ends):
    """Reset mid-body, short body, truncated JSON"""
    out = "FAILED litmos_unavailable"
    expected = {"reset@3": "SYNCED", "shortbody@2": "SYNCED", "truncated@2": "SYNCED"}
    row(each(ends, {**expected, "reset": out, "shortbody": out, "truncated": "FAILED bad_format"}))


def test_too_large(row, ends):
    """A small body that unpacks to 200 MB"""
    row(each(ends, {"gzipbomb": "FAILED too_large"}))


def test_not_json(row, ends):
    """A page of HTML, XML, nothing at all"""
    bad = "FAILED bad_format"
    row(each(ends, {"html200@2": "SYNCED", "html200": bad, "xml": bad, "empty200": bad}))


def test_encodings(row, ends):
    """Byte order mark, UTF-16, Latin-1"""
    bad = "FAILED bad_format"
    row(each(ends, {"bom": "SYNCED", "utf16": bad, "latin1": bad}))


def test_odd_json(row, ends):
    """NaN, 1e999, huge numbers, deep nesting, no list"""
    faults = ("nan", "nan=1e999", "nan=huge", "deepnest", "object")
    row(each(ends, dict.fromkeys(faults, "FAILED bad_format")))


def test_bad_records(row, ends):
    """Bad records among good ones"""
    people = ":/users/details"
    expected = {f"badrecord=1{people}": "WARNINGS", f"badrecord=9{people}": "HELD unreadable"}
    row(each(ends, expected))


def test_other_shapes(row, ends):
    """Unknown keys, missing ones, null, numbers as text"""
    faults = ("extra_keys", "nulls", "strings", "reordered")
    told = each(ends, dict.fromkeys(faults, "SYNCED"))
    row(told)


def test_redirect(row, ends):
    """A redirect to another host"""
    with BadServer(json_body(b"[]")) as other:
        told = each(ends, {f"redirect={other.url}": "FAILED unexpected_redirect"})
        assert other.requests == []
    row(f"{told}; the other host was not asked")


def test_same_id_twice(row, ends):
    """The same id on two pages"""
    number = Target.objects.count()
    told = each(ends, {"dup:/users/details": "SYNCED"})
    assert Target.objects.count() == number
    row(told)


def test_rows_move(row, ends):
    """Rows that move while the pages are read"""
    found = [ends(fault) for fault in ("drift:/users/details", "unstable", "drift,dup")]
    assert set(found) <= {"SYNCED", "WARNINGS"}
    row(", ".join(found))


def test_odd_pages(row, ends, sandbox):
    """Full last page, other page size, the same page again"""
    tenant = sandbox.tenant
    while len(tenant.users) % 20:
        tenant.add_user(FirstName="Fill", LastName="Up", Email="")
    stuck = "FAILED bad_format"
    row(each(ends, {"": "SYNCED", "pagesize=100": "SYNCED", "stuck:/users/details": stuck}))


def test_empty(row, ends):
    """Empty lists"""
    row(each(ends, {"emptylist:/users/details": "HELD tenant_empty"}))


def test_other_organisation(row, wire):
    """The key of another organisation"""
    other = Sandbox(users=60, teams=4, courses=4, seed=99, rate=None)
    with other.serve() as server:
        wire.url = server.url
        run = wire.sync(api_key=other.api_key)
    assert (run.status, run.hold_reason) == ("HELD", "half_unknown")
    row("HELD half_unknown")


def test_recreated(row, ends, sandbox):
    """Somebody made anew with another id and the same address"""
    linked = set(TargetLink.objects.values_list("integration_id", flat=True))
    person = next(key for key in sandbox.tenant.users if key in linked)
    target = TargetLink.objects.get(integration_id=person).target
    anew = sandbox.tenant.recreate(person)
    told = ends()
    assert told == "SYNCED"
    assert TargetLink.objects.get(target=target).integration_id == anew
    row(f"{told}, the target kept")


def test_teams(row, ends, sandbox):
    """Teams renamed and deleted, and no team at all"""
    tenant = sandbox.tenant
    one, two, *_ = tenant.teams
    tenant.rename_team(one, "Renamed")
    tenant.delete_team(two)
    gone = set(
        Group.objects.get(links__integration_id=two).memberships.values_list("pk", flat=True)
    )
    seats = Group.objects.get(links__integration_id=two).memberships
    may_leave = set(seats.values_list("group__name", "target__email"))
    renamed = Group.objects.get(links__integration_id=one)
    may_leave |= set(renamed.memberships.values_list("group__name", "target__email"))
    found = [ends(), ends("emptylist:/teams")]
    assert gone
    assert Group.objects.filter(name="Renamed").exists()
    assert found[1].split()[0] in ("HELD", "WARNINGS", "SYNCED")
    row(", ".join(found), may_leave=may_leave)


EMAILS = {
    "UPPER@Acme.example": True,
    "plus+tag@acme.example": True,
    "jörg@bücher.example": True,
    "": False,
    "not an address": False,
}


def test_addresses(row, ends, sandbox):
    """Odd e-mail addresses"""
    team = next(iter(sandbox.tenant.teams))
    for number, email in enumerate(EMAILS):
        user = sandbox.tenant.add_user(FirstName="Odd", LastName=f"One {number}", Email=email)
        sandbox.tenant.join(team, user)
    told = ends()
    found = Target.objects.filter(first_name="Odd").count()
    assert (told, found) == ("SYNCED", sum(EMAILS.values()))
    row(f"{told}, {found} of {len(EMAILS)} came in")


NAMES = ("X" * 500, "a\x00b", "\ud800x", "\u202eevil", "🦄" * 300, "=HYPERLINK(1)", "<script>")


def test_names(row, ends, sandbox):
    """Hostile names"""
    team = next(iter(sandbox.tenant.teams))
    for number, name in enumerate(NAMES):
        email = f"name{number}@acme.example"
        user = sandbox.tenant.add_user(FirstName=name, LastName="L", Email=email)
        sandbox.tenant.join(team, user)
    told = ends()
    kept = Target.objects.filter(email__startswith="name").values_list("first_name", flat=True)
    assert len(kept) == len(NAMES)
    assert all(len(name) <= 64 and name.isprintable() for name in kept)
    row(f"{told}, all kept clean")
