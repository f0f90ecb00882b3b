"""The stages that plan courses."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from integrations.models import Course as CourseRow
from integrations.models import StagedCourse, SyncRun
from integrations.sync.course_planner import Course, plan_course, plan_gone_course
from integrations.sync.drafts import Draft
from integrations.sync.stages.writing import BATCH, count, write


def plan_courses(run: SyncRun, after: int) -> int | None:
    rows = list(StagedCourse.objects.filter(run=run, pk__gt=after).order_by("pk")[:BATCH])
    ids = [row.integration_id for row in rows]
    now = CourseRow.objects.filter(connection=run.connection, integration_id__in=ids)
    by_id = {course.integration_id: _as_known(course) for course in now}
    drafts: list[Draft] = []
    for row in rows:
        mine = plan_course(_as_read(row), by_id.get(row.integration_id))
        count(run, "UNCHANGED.COURSE", 0 if mine else 1)
        drafts += mine
    write(run, drafts)
    return rows[-1].pk if len(rows) == BATCH else None


def plan_gone_courses(run: SyncRun, _after: int) -> None:
    if "courses_received" not in run.cursor:
        return
    read = StagedCourse.objects.filter(run=run, integration_id=OuterRef("integration_id"))
    gone = CourseRow.objects.filter(connection=run.connection, gone_at=None).exclude(Exists(read))
    write(run, (plan_gone_course(_as_known(course)) for course in gone.order_by("pk").iterator()))


def _as_read(row: StagedCourse) -> Course:
    return Course(
        integration_id=row.integration_id,
        name=row.name,
        code=row.code,
        description=row.description,
        is_active=row.is_active,
    )


def _as_known(row: CourseRow) -> Course:
    return Course(
        integration_id=row.integration_id,
        name=row.name,
        code=row.code,
        description=row.description,
        is_active=row.is_active,
        course_id=row.pk,
        is_gone=row.gone_at is not None,
    )
