"""What GET answers about people, teams and courses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import itemgetter

from .bodies import ids
from .exchange import Listing, Refused, Request, Single
from .fields import (
    AT,
    COURSE_FIELDS,
    SHORT_FIELDS,
    TEAM_FIELDS,
    TEAM_LIST_FIELDS,
    USER_FIELDS,
    Record,
    pick,
)
from .listing import ACTIVE, by_name, chosen, in_order, user_rank
from .tables import Assignment
from .tenant import Tenant

USERS = ("Users", "User")
TEAMS = ("Teams", "Team")
COURSES = ("Courses", "Course")
SHORT_AT = itemgetter(*(AT[name] for name in SHORT_FIELDS))
MOST_USERS = 25
ORDERING = ("sort", "dir", "search", "showinactive", "since")


def full_record(tenant: Tenant, user_id: str) -> Record:
    return dict(zip(USER_FIELDS, tenant.rows[user_id], strict=True))


def short_record(tenant: Tenant, user_id: str) -> Record:
    return dict(zip(SHORT_FIELDS, SHORT_AT(tenant.rows[user_id]), strict=True))


def _people(tenant: Tenant, request: Request) -> Sequence[str]:
    asked = tuple(request.query.get(name, "") for name in ORDERING)
    return tenant.cached(("people", asked), lambda: chosen(tenant.rows, request))


def users(tenant: Tenant, request: Request) -> Listing:
    return Listing(
        _people(tenant, request),
        partial(short_record, tenant),
        USERS,
        rank=user_rank(tenant.rows, request),
    )


def users_paginated(tenant: Tenant, request: Request) -> Listing:
    listing = users(tenant, request)
    listing.tags, listing.is_enveloped = ("UserCollection", "User"), True
    return listing


def users_details(tenant: Tenant, request: Request) -> Listing:
    listing = users(tenant, request)
    listing.shape = partial(full_record, tenant)
    return listing


def known_user(tenant: Tenant, id_or_name: str) -> str:
    user_id = tenant.user_id(id_or_name)
    if user_id is None:
        raise Refused(404, "User not found")
    return user_id


def known_team(tenant: Tenant, team_id: str) -> str:
    if not tenant.has_team(team_id):
        raise Refused(404, "Team not found")
    return team_id


def known_course(tenant: Tenant, course_id: str) -> Record:
    course = tenant.course(course_id)
    if course is None:
        raise Refused(404, "Course not found")
    return course


def user(tenant: Tenant, request: Request, id_or_name: str) -> Single:
    return Single(full_record(tenant, known_user(tenant, id_or_name)), "User")


def _team_list(teams: list[Record]) -> Listing:
    return Listing(teams, partial(pick, names=TEAM_LIST_FIELDS), TEAMS)


def user_teams(tenant: Tenant, request: Request, id_or_name: str) -> Listing:
    mine = [tenant.teams[key] for key in tenant.teams_of(known_user(tenant, id_or_name))]
    return _team_list(by_name(mine, request, ("Name",)))


def teams(tenant: Tenant, request: Request) -> Listing:
    """Roots by name, their sub-teams after all of them."""
    asked = request.query.get("search", "")

    def ordered() -> list[Record]:
        found = by_name(list(tenant.teams.values()), request, ("Name",))
        return sorted(found, key=lambda team: bool(team["ParentTeamId"]))

    return _team_list(tenant.cached(("teams", asked), ordered))


def team(tenant: Tenant, request: Request, team_id: str) -> Single:
    return Single(pick(tenant.teams[known_team(tenant, team_id)], TEAM_FIELDS), "Team")


def sub_teams(tenant: Tenant, request: Request, team_id: str) -> Listing:
    known_team(tenant, team_id)
    below = [one for one in tenant.teams.values() if one["ParentTeamId"] == team_id]
    return _team_list(by_name(below, request, ("Name",)))


def _team_people(tenant: Tenant, request: Request, key: str, role: str) -> Listing:
    team_id = known_team(tenant, key)

    def ordered() -> list[str]:
        found = [tenant.rows[user_id] for user_id in tenant.in_role(team_id, role)]
        return [row[0] for row in in_order([row for row in found if row[ACTIVE]], request)]

    asked = tuple(request.query.get(name, "") for name in ("sort", "dir"))
    return Listing(
        tenant.cached(("members", team_id, role, asked), ordered),
        partial(short_record, tenant),
        USERS,
        rank=user_rank(tenant.rows, request),
    )


def team_users(tenant: Tenant, request: Request, team_id: str) -> Listing:
    return _team_people(tenant, request, team_id, "")


def team_leaders(tenant: Tenant, request: Request, team_id: str) -> Listing:
    return _team_people(tenant, request, team_id, "leader")


def team_admins(tenant: Tenant, request: Request, team_id: str) -> Listing:
    return _team_people(tenant, request, team_id, "admin")


def courses(tenant: Tenant, request: Request) -> Listing:
    found = by_name(list(tenant.courses.values()), request, ("Name", "Code"))
    return Listing(found, partial(pick, names=COURSE_FIELDS), COURSES)


def course(tenant: Tenant, request: Request, course_id: str) -> Single:
    found = pick(known_course(tenant, course_id), COURSE_FIELDS)
    return Single({**found, "Tags": ""}, "Course")


def course_users(tenant: Tenant, request: Request, course_id: str) -> Listing:
    known_course(tenant, course_id)
    assigned = {
        user_id: assignment
        for user_id, one, assignment in tenant.all_assignments()
        if one == course_id
    }
    rows = in_order([tenant.rows[user_id] for user_id in assigned], request)

    def shape(user_id: str) -> Record:
        record = pick(full_record(tenant, user_id), ("Id", "UserName", "FirstName", "LastName"))
        progress = assigned[user_id]
        return {
            **record,
            "Completed": progress.completed is not None,
            "PercentageComplete": progress.percentage,
            **dict.fromkeys(("CompliantTill", "DueDate", "AccessTillDate")),
        }

    return Listing([row[0] for row in rows], shape, USERS)


def user_courses(tenant: Tenant, request: Request, id_or_name: str) -> Listing:
    assigned = tenant.assignments(known_user(tenant, id_or_name))
    found = by_name([tenant.courses[key] for key in assigned], request, ("Name", "Code"))
    return Listing(found, lambda one: progress_record(one, assigned[one["Id"]]), COURSES)


def courses_of_users(tenant: Tenant, request: Request) -> Listing:
    """A POST that reads: whoever is not there is left out."""
    wanted = ids(request)
    if len(wanted) > MOST_USERS:
        raise Refused(400, f"At most {MOST_USERS} users")

    def shape(user_id: str) -> Record:
        assigned = tenant.assignments(user_id)
        return {
            "Id": user_id,
            "Courses": [progress_record(tenant.courses[key], one) for key, one in assigned.items()],
        }

    return Listing([key for key in wanted if key in tenant.rows], shape, USERS)


def user_course(tenant: Tenant, request: Request, id_or_name: str, course_id: str) -> Single:
    assigned = tenant.assignments(known_user(tenant, id_or_name))
    if course_id not in assigned:
        raise Refused(404, "Course not found")
    record = progress_record(known_course(tenant, course_id), assigned[course_id])
    return Single({**record, "Modules": []}, "Course")


def progress_record(course: Record, progress: Assignment) -> Record:
    return {
        **pick(course, ("Id", "Code", "Name", "Active")),
        "Complete": progress.completed is not None,
        "PercentageComplete": progress.percentage,
        "AssignedDate": progress.assigned,
        "StartDate": progress.started,
        "DateCompleted": progress.completed,
        "UpToDate": True,
        "Overdue": progress.is_overdue,
        "CompliantTill": None,
        "IsLearningPath": False,
        "CourseCreatedDate": None,
        "CourseCreator": "",
        "OriginalId": course["OriginalId"],
        "ResultId": progress.result_id,
        "AccessTillDate": None,
    }
