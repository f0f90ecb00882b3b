"""What `make demo` has to print, counted at the rehearsal Litmos itself: scripts/smoke-demo compares."""

import sys

from integrations.providers.litmos.sandbox import Sandbox
from portal.demo import story
from targets.emails import email_key, normalise


def expected_line() -> str:
    tenant = Sandbox(**story.SIZE).tenant
    in_a_team = set().union(*(tenant.members(team) for team in tenant.teams))
    addresses = {
        email_key(normalise(row["Email"].strip()))
        for key, row in tenant.users.items()
        if row["Active"] and key in in_a_team and normalise((row["Email"] or "").strip())
    }
    courses = sum(course["Active"] for course in tenant.courses.values())
    return f"{len(tenant.teams)} groups, {len(addresses)} targets, {courses} courses"


if __name__ == "__main__":
    sys.stdout.write(expected_line())
