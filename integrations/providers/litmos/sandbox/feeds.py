"""What GET answers about what happened: results, achievements and the feeds of changes."""

from __future__ import annotations

from functools import partial

from .exchange import Listing, Request
from .fields import FEED_FIELDS, Record, pick
from .listing import moment, week
from .reads import USERS, full_record
from .tables import Assignment, Link
from .tenant import Tenant

Place = tuple[str, str, Link]
Result = tuple[str, str, Assignment]
OWNER = 17625916


def achievements(tenant: Tenant, request: Request) -> Listing:
    since = moment(request, "since", is_required=False)
    asked = request.query.get("userid", "")
    wanted = tenant.user_id(asked)
    found = [
        (user_id, course_id, one)
        for user_id, course_id, one in tenant.all_assignments()
        if one.completed
        and (since is None or one.completed > since)
        and (not asked or wanted == user_id)
    ]
    found.sort(key=lambda result: (result[2].completed, result[2].result_id), reverse=True)
    return Listing(found, partial(_achievement, tenant), ("Achievements", "Achievement"))


def _achievement(tenant: Tenant, result: Result) -> Record:
    user_id, course_id, one = result
    person, course = tenant.users[user_id], tenant.courses[course_id]
    return {
        "UserId": user_id,
        "Title": course["Name"],
        "Description": "",
        "AchievementDate": one.completed,
        "CourseId": course_id,
        "CompliantTillDate": None,
        "Score": 100.0,
        "Result": "Completed",
        "Type": "Course Completed",
        "FirstName": person["FirstName"],
        "LastName": person["LastName"],
        "AchievementId": one.result_id,
        "CertificateId": "",
    }


def results_details(tenant: Tenant, request: Request) -> Listing:
    since = moment(request, "since")
    to = moment(request, "to", is_required=False)
    found = [
        (changed, user_id, course_id)
        for user_id, course_id, one in tenant.all_assignments()
        if since is not None
        and (changed := one.updated or one.assigned) > since
        and (to is None or changed <= to)
    ]
    found.sort()
    return Listing(found, partial(_result, tenant), USERS, refuses_high_limit=True)


def _result(tenant: Tenant, key: tuple[object, str, str]) -> Record:
    changed, user_id, course_id = key
    person, course = tenant.users[user_id], tenant.courses[course_id]
    progress = tenant.assignments(user_id)[course_id]
    return {
        "Id": user_id,
        "UserOriginalId": person["OriginalId"],
        "Username": person["UserName"],
        **pick(person, ("FirstName", "LastName", "Active", "Email", "AccessLevel", "LoginKey")),
        "CourseId": course_id,
        "CourseOriginalId": course["OriginalId"],
        "UpdatedDate": changed,
        "Code": course["Code"],
        "CourseName": course["Name"],
        "Completed": progress.completed is not None,
        "PercentageComplete": progress.percentage,
        "CompletedDate": progress.completed,
        "UpToDate": True,
        "Overdue": progress.is_overdue,
        "CompliantTillDate": None,
    }


def changed_users(tenant: Tenant, request: Request) -> Listing:
    since, to = week(request)
    found = [
        (changed, user_id)
        for user_id in tenant.rows
        if since <= (changed := tenant.updated(user_id)) <= to
    ]
    found.sort()

    def shape(key: tuple[object, str]) -> Record:
        record = pick(full_record(tenant, key[1]), FEED_FIELDS)
        stamps = {"UpdatedDate": key[0], "CreatedBy": OWNER, "UpdatedBy": OWNER}
        return _with_stamps(record, stamps)

    return Listing(found, shape, USERS)


def _with_stamps(record: Record, stamps: Record) -> Record:
    """The feed says OriginalUserId, and puts its own three keys after CreatedDate."""
    shaped: Record = {}
    for name, value in record.items():
        shaped["OriginalUserId" if name == "OriginalId" else name] = value
        if name == "CreatedDate":
            shaped |= stamps
    return shaped


def changed_places(tenant: Tenant, request: Request) -> Listing:
    since, to = week(request)
    found = [place for place in tenant.links() if since <= place[2].updated <= to]
    found.sort(key=lambda place: (place[2].updated, place[0], place[1]))
    return Listing(found, partial(_place, tenant), ("TeamUsers", "TeamUser"))


def _place(tenant: Tenant, place: Place) -> Record:
    team_id, user_id, link = place
    return {
        "TeamId": team_id,
        "Id": user_id,
        "OriginalTeamId": tenant.teams[team_id]["OriginalId"],
        "OriginalUserId": tenant.users[user_id]["OriginalId"],
        "Active": link.is_active,
        "IsTeamLeader": link.is_leader,
        "IsTeamAdmin": link.is_admin,
        "CreatedDate": link.created,
        "UpdatedDate": link.updated,
        "CreatedBy": OWNER,
        "UpdatedBy": OWNER,
    }
