"""What POST, PUT and DELETE do."""

from __future__ import annotations

import re

from .bodies import ids, one_record
from .exchange import Done, Refused, Request, Single
from .fields import AT, BLANK_USER, SERVER_FIELDS, Record, pick
from .reads import full_record, known_course, known_team, known_user
from .tenant import Tenant

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
CULTURE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PHONE = re.compile(r"\+\d{6,15}")
MOST_TEAMS = 25
LONGEST_TEAM_NAME = 100


def add_user(tenant: Tenant, request: Request) -> Single:
    fields = _settable(one_record(request))
    _check_user(tenant, fields, user_id="")
    user_id = tenant.add_user(
        **fields, SkipFirstLogin=request.flag("skipfirstlogin", default=False)
    )
    if request.flag("sendmessage", default=False):
        tenant.mails.append((user_id, "Welcome"))
    return Single(full_record(tenant, user_id), "User", status=201)


def change_user(tenant: Tenant, request: Request, user_id: str) -> Done:
    """A full replacement: what is not sent is cleared."""
    content = one_record(request)
    if user_id not in tenant.rows:
        raise Refused(404, "User not found")
    if content.get("Id") != user_id:
        raise Refused(404, "The Id in the body differs from the Id in the address")
    blank = {name: value for name, value in BLANK_USER.items() if name not in SERVER_FIELDS}
    fields = {**blank, "Active": False, **_settable(content)}
    _check_user(tenant, fields, user_id=user_id)
    if fields["ManagerId"] not in ("", "0", None) and fields["ManagerId"] not in tenant.rows:
        raise Refused(404, "Invalid ManagerId")
    if not fields["FullName"]:
        del fields["FullName"]
    tenant.update_user(user_id, **fields)
    return Done()


def _settable(content: Record) -> Record:
    skipped = {*SERVER_FIELDS, "SkipFirstLogin"}
    return {name: value for name, value in content.items() if name in AT and name not in skipped}


def _check_user(tenant: Tenant, fields: Record, *, user_id: str) -> None:
    name, email = str(fields.get("UserName") or ""), str(fields.get("Email") or "")
    if len(name) <= 3:
        raise Refused(409, "UserName must be longer than 3 characters")
    if tenant.user_id(name) not in (None, user_id):
        raise Refused(409, "UserName already exists")
    if email and not EMAIL.fullmatch(email):
        raise Refused(409, "Invalid Email")
    if not EMAIL.fullmatch(name) and not fields.get("IsCustomUsername"):
        raise Refused(409, "UserName must be an Email unless IsCustomUsername is set")
    if fields.get("Culture") and not CULTURE.fullmatch(str(fields["Culture"])):
        raise Refused(409, "Invalid Culture")
    if fields.get("EnableTextNotification") and not PHONE.fullmatch(
        str(fields.get("PhoneMobile") or "")
    ):
        raise Refused(400, "A mobile number like +15554443333 is needed for text notifications")


def remove_user(tenant: Tenant, request: Request, user_id: str) -> Done:
    if user_id not in tenant.rows:
        raise Refused(404, "User not found")
    tenant.delete_user(user_id)
    return Done()


def add_user_teams(tenant: Tenant, request: Request, user_id: str) -> Done:
    wanted = ids(request)
    known_user(tenant, user_id)
    if len(wanted) > MOST_TEAMS:
        raise Refused(404, f"At most {MOST_TEAMS} teams")
    for team_id in wanted:
        if tenant.link(known_team(tenant, team_id), user_id):
            raise Refused(409, "The user is already a member of a team")
    for team_id in wanted:
        tenant.join(team_id, user_id)
    return Done(201)


def leave_all_teams(tenant: Tenant, request: Request, user_id: str) -> Done:
    known_user(tenant, user_id)
    for team_id in tenant.teams_of(user_id):
        tenant.leave(team_id, user_id)
    return Done()


def assign_courses(tenant: Tenant, request: Request, user_id: str) -> Done:
    """Unknown and repeated course ids are ignored; an e-mail goes out unless told otherwise."""
    wanted = ids(request)
    if user_id not in tenant.rows:
        raise Refused(404, "User not found")
    added = [course_id for course_id in wanted if tenant.assign(user_id, course_id)]
    if added and request.flag("sendmessage", default=True):
        tenant.mails.append((user_id, "Course assigned"))
    return Done()


def unassign_course(tenant: Tenant, request: Request, user_id: str, course_id: str) -> Done:
    if course_id not in tenant.assignments(known_user(tenant, user_id)):
        raise Refused(404, "Course not found")
    tenant.unassign(user_id, course_id)
    return Done()


def add_team(tenant: Tenant, request: Request, parent_id: str = "") -> Single:
    content = one_record(request)
    if parent_id:
        known_team(tenant, parent_id)
    name = _team_name(tenant, content, team_id="")
    team_id = tenant.add_team(name, parent_id, description=str(content.get("Description") or ""))
    added = pick(tenant.teams[team_id], ("Id", "Name", "Description"))
    return Single(added, "Team", status=201)


def change_team(tenant: Tenant, request: Request, team_id: str) -> Done:
    content = one_record(request)
    known_team(tenant, team_id)
    tenant.rename_team(team_id, _team_name(tenant, content, team_id=team_id))
    tenant.describe_team(team_id, str(content.get("Description") or ""))
    return Done()


def _team_name(tenant: Tenant, content: Record, *, team_id: str) -> str:
    name = str(content.get("Name") or "").strip()
    if not name or len(name) > LONGEST_TEAM_NAME:
        raise Refused(400, "Invalid team name")
    taken = (team for key, team in tenant.teams.items() if key != team_id)
    if any(team["Name"].casefold() == name.casefold() for team in taken):
        raise Refused(409, "Team name already exists")
    return name


def remove_team(tenant: Tenant, request: Request, team_id: str) -> Done:
    tenant.delete_team(known_team(tenant, team_id))
    return Done()


def add_team_users(tenant: Tenant, request: Request, team_id: str) -> Done:
    wanted = ids(request)
    known_team(tenant, team_id)
    if not wanted:
        raise Refused(404, "No users")
    for user_id in wanted:
        if user_id in tenant.rows and not tenant.link(team_id, user_id):
            tenant.join(team_id, user_id)
            if request.flag("sendmessage", default=False):
                tenant.mails.append((user_id, "Added to a team"))
    return Done(201)


def remove_team_user(tenant: Tenant, request: Request, team_id: str, user_id: str) -> Done:
    require_member(tenant, team_id, user_id)
    tenant.leave(team_id, user_id)
    return Done()


def require_member(tenant: Tenant, team_id: str, user_id: str) -> None:
    if not tenant.link(known_team(tenant, team_id), user_id):
        raise Refused(404, "The user is not a member of the team")


def set_leader(tenant: Tenant, request: Request, team_id: str, user_id: str) -> Done:
    require_member(tenant, team_id, user_id)
    tenant.set_role(team_id, user_id, leader=request.method == "PUT")
    return Done()


def set_admin(tenant: Tenant, request: Request, team_id: str, user_id: str) -> Done:
    require_member(tenant, team_id, user_id)
    tenant.set_role(team_id, user_id, admin=request.method == "PUT")
    return Done()


def remove_course(tenant: Tenant, request: Request, course_id: str) -> Done:
    known_course(tenant, course_id)
    tenant.delete_course(course_id)
    return Done()
