"""Rows that the dashboard tells of."""

from integrations.models import Connection, GroupLink
from tests.factories import CourseFactory
from training.models import Campaign


def link(connection: Connection, group, **values) -> GroupLink:
    return GroupLink.objects.create(
        account=connection.account,
        connection=connection,
        group=group,
        integration_id=f"team-{group.pk}",
        **values,
    )


def course_in_use(
    connection: Connection, count: int = 1, *, state: str = "RUNNING", name: str = "C", **values
) -> None:
    """So many courses of these values in one campaign."""
    account = connection.account
    campaign = Campaign.objects.create(account=account, name="Spring", state=state)
    for number in range(count):
        course = CourseFactory(connection=connection, name=name.format(number), **values)
        campaign.courses.add(course)
