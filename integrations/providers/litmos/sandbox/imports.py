"""Bulk imports of people: taken in at once, done later."""

from __future__ import annotations

from datetime import timedelta

from .bodies import not_understood, records
from .exchange import Refused, Request, Single
from .fields import Record
from .tables import Import
from .tenant import Tenant

LARGEST_BODY, MOST_ROWS = 2_000_000, 2_000
COURSES = ("Course1", "Course2", "Course3")


def add_import(tenant: Tenant, request: Request) -> Single:
    rows = records(request)
    if len(request.body) > LARGEST_BODY or not 0 < len(rows) <= MOST_ROWS:
        raise not_understood()
    job = Import(
        due=tenant.now() + timedelta(seconds=tenant.import_seconds),
        rows=rows,
        is_mailed=request.flag("sendmessage", default=False),
    )
    number = tenant.ids.number()
    tenant.imports[number] = job
    return _shown(number, job)


def import_job(tenant: Tenant, request: Request, number: str) -> Single:
    job = tenant.imports.get(int(number)) if number.isdecimal() else None
    if job is None:
        raise Refused(400, "Unknown import")
    return _shown(int(number), job)


def run_due(tenant: Tenant) -> None:
    for job in tenant.imports.values():
        if not job.is_done and job.due <= tenant.now():
            by_code = {one["CourseCodeForBulkImport"]: key for key, one in tenant.courses.items()}
            for row in job.rows:
                _take(tenant, job, row, by_code)
            job.is_done = True


def _take(tenant: Tenant, job: Import, row: Record, by_code: dict[str, str]) -> None:
    """Who is not there is made, given a name; what is not sent stays as it is."""
    name = str(row.get("Username") or "")
    user_id = tenant.user_id(name)
    if user_id is None and not (name and row.get("FirstName") and row.get("LastName")):
        job.failed += 1
        return
    if user_id is None:
        names = {key: row[key] for key in ("FirstName", "LastName")}
        user_id = tenant.add_user(UserName=name, Email=str(row.get("Email") or name), **names)
        job.created += 1
    wanted = [by_code[row[key]] for key in COURSES if row.get(key) in by_code]
    added = [course_id for course_id in wanted if tenant.assign(user_id, course_id)]
    if added and job.is_mailed:
        tenant.mails.append((user_id, "Course assigned"))


def _shown(number: int, job: Import) -> Single:
    shown: Record = {
        "Id": number,
        "ImportDate": job.due,
        "Status": "Completed" if job.is_done else "Waiting",
        "TotalRecords": len(job.rows),
        "TotalUsersCreated": job.created,
        "Failed": job.failed,
        "Duplicate": 0,
        "InvalidEmail": 0,
        "SendEmails": job.is_mailed,
        "SkipFirstLogin": True,
    }
    return Single(shown, "UserImport")
