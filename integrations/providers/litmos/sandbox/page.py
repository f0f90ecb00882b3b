"""The page at `/`: what the sandbox holds, what was asked of it, and forms to change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from .exchange import BASE, Refused, Request, Response
from .faults import FaultError
from .fields import AT
from .render import refusal

if TYPE_CHECKING:
    from .sandbox import Sandbox

HTML = "text/html; charset=utf-8"
TEMPLATE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
LATEST_CALLS = 30
LISTED = 500
LOCAL = ("127.0.0.1", "localhost")
ON_PEOPLE = ("deactivate", "reactivate", "recreate", "delete_user")
LEAVE = {"deactivate": "were deactivated", "delete_user": "were deleted"}
Form = Mapping[str, str]


def respond(sandbox: Sandbox, request: Request) -> Response:
    try:
        _refuse_other_sites(request)
        if request.method == "GET" and request.path == "/":
            return Response(200, _page(sandbox, request).encode(), HTML)
        change = CHANGES.get(request.path) if request.method == "POST" else None
        if change is None:
            raise Refused(404, f"The API is at {BASE}")
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        return _back(change(sandbox, form))
    except Refused as refused:
        return refusal(refused.status, refused.detail, is_json=True)


def _refuse_other_sites(request: Request) -> None:
    """Another site in the same browser may neither read the key nor send the forms."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin", f"http://{host}")
    if host.partition(":")[0] not in LOCAL or origin != f"http://{host}":
        raise Refused(403, "Only for this machine")


def _back(said: str) -> Response:
    return Response(303, headers={"Location": "/?" + urlencode({"said": said})})


def _change_person(sandbox: Sandbox, form: Form) -> str:
    tenant, person, verb = sandbox.tenant, form.get("person", "").strip(), form.get("do", "")
    user_id = tenant.user_id(person) or _id_by_email(sandbox, person)
    if user_id is None:
        return f"Nobody is called {person}."
    name = tenant.users[user_id]["FullName"]
    if verb in ON_PEOPLE:
        getattr(tenant, verb)(user_id)
    elif verb == "complete":
        return f"{name} completed {_complete_all(sandbox, user_id)} courses."
    elif verb in ("join", "leave") and tenant.has_team(form.get("team", "")):
        getattr(tenant, verb)(form["team"], user_id)
    else:
        return "Choose a team."
    return f"{name}: done."


def _complete_all(sandbox: Sandbox, user_id: str) -> int:
    """How many of the person's courses were open."""
    tenant = sandbox.tenant
    assigned = tenant.assignments(user_id).items()
    left = [course_id for course_id, one in assigned if not one.completed]
    for course_id in left:
        tenant.complete(user_id, course_id)
    return len(left)


def _id_by_email(sandbox: Sandbox, email: str) -> str | None:
    wanted = email.casefold()
    rows = sandbox.tenant.rows
    with sandbox.tenant.lock:
        found = (key for key, row in rows.items() if str(row[AT["Email"]]).casefold() == wanted)
        return next(found, None) if wanted else None


def _add_person(sandbox: Sandbox, form: Form) -> str:
    tenant = sandbox.tenant
    fields = {"FirstName": "first", "LastName": "last", "Email": "email"}
    added = tenant.add_user(**{name: form.get(key, "") for name, key in fields.items()})
    if tenant.has_team(form.get("team", "")):
        tenant.join(form["team"], added)
    return f"{tenant.users[added]['FullName']} was added."


def _many_leave(sandbox: Sandbox, form: Form) -> str:
    """The first so many per cent of the active people, in the order of their ids."""
    share, verb = form.get("share", ""), form.get("do", "")
    if not share.isdecimal() or not 0 < int(share) <= 100 or verb not in LEAVE:
        return "Say how many per cent, from 1 to 100."
    tenant = sandbox.tenant
    with tenant.lock:
        there = sorted(key for key, row in tenant.rows.items() if row[AT["Active"]])
    leaving = there[: len(there) * int(share) // 100]
    for user_id in leaving:
        getattr(tenant, verb)(user_id)
    return f"{len(leaving):,} of {len(there):,} people {LEAVE[verb]}."


def _change_team(sandbox: Sandbox, form: Form) -> str:
    tenant, team_id, name = sandbox.tenant, form.get("team", ""), form.get("name", "").strip()
    if form.get("do") == "delete_team" and tenant.has_team(team_id):
        tenant.delete_team(team_id)
        return "The team was deleted."
    if form.get("do") != "save" or not name:
        return "Give a team or a name."
    if tenant.has_team(team_id):
        tenant.rename_team(team_id, name)
    else:
        tenant.add_team(name)
    return f"{name}: done."


def _set_faults(sandbox: Sandbox, form: Form) -> str:
    try:
        sandbox.faults.set(form.get("faults", ""))
    except FaultError as error:
        return str(error)
    return f"Faults: {sandbox.faults.text or 'none'}."


CHANGES: dict[str, Callable[[Sandbox, Form], str]] = {
    "/people": _change_person,
    "/person": _add_person,
    "/leavers": _many_leave,
    "/teams": _change_team,
    "/faults": _set_faults,
}


def _page(sandbox: Sandbox, request: Request) -> str:
    tenant = sandbox.tenant
    with tenant.lock:
        rows = list(tenant.rows.values())
        teams = sorted(tenant.teams.values(), key=lambda team: str(team["Name"]))[:LISTED]
    said = request.query.get("said", "")
    return TEMPLATE.substitute(
        said=f'<p class="said" role="status">{escape(said)}</p>' if said else "",
        people=f"{len(rows):,}",
        active=f"{sum(bool(row[AT['Active']]) for row in rows):,}",
        teams=f"{len(tenant.teams):,}",
        courses=f"{len(tenant.courses):,}",
        calls=f"{len(sandbox.calls):,}",
        url=escape(f"http://{request.headers.get('host', '')}{BASE}"),
        key=sandbox.api_key,
        faults=escape(sandbox.faults.text),
        team_options="".join(
            f'<option value="{escape(team["Id"])}">{escape(team["Name"])}</option>'
            for team in teams
        ),
        people_options="".join(
            f'<option value="{escape(row[AT["UserName"]])}">{escape(row[AT["FullName"]])}</option>'
            for row in rows[:LISTED]
        ),
        call_rows="".join(
            f"<tr><td>{call.status or 'broken off'}</td><td>{escape(call.method)}</td>"
            f"<td>{escape(call.path)}</td><td>{escape(urlencode(call.query))}</td></tr>"
            for call in reversed(sandbox.calls[-LATEST_CALLS:])
        ),
    )
