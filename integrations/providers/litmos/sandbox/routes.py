"""Which path and method leads where. Path words match in any case of letters, ids do not."""

from __future__ import annotations

from collections.abc import Callable

from . import feeds, imports, reads, writes
from .bodies import require_content_type
from .exchange import Answer, Refused, Request
from .tenant import Tenant

Handler = Callable[..., Answer]

ROUTES: tuple[tuple[str, dict[str, Handler]], ...] = (
    ("users", {"GET": reads.users, "POST": writes.add_user}),
    ("users/paginated", {"GET": reads.users_paginated}),
    ("users/details", {"GET": reads.users_details}),
    ("users/courses", {"POST": reads.courses_of_users}),
    ("users/*", {"GET": reads.user, "PUT": writes.change_user, "DELETE": writes.remove_user}),
    (
        "users/*/teams",
        {
            "GET": reads.user_teams,
            "POST": writes.add_user_teams,
            "DELETE": writes.leave_all_teams,
        },
    ),
    ("users/*/courses", {"GET": reads.user_courses, "POST": writes.assign_courses}),
    ("users/*/courses/*", {"GET": reads.user_course, "DELETE": writes.unassign_course}),
    ("teams", {"GET": reads.teams, "POST": writes.add_team}),
    ("teams/*", {"GET": reads.team, "PUT": writes.change_team, "DELETE": writes.remove_team}),
    ("teams/*/teams", {"GET": reads.sub_teams, "POST": writes.add_team}),
    ("teams/*/users", {"GET": reads.team_users, "POST": writes.add_team_users}),
    ("teams/*/users/*", {"DELETE": writes.remove_team_user}),
    ("teams/*/leaders", {"GET": reads.team_leaders}),
    ("teams/*/leaders/*", {"PUT": writes.set_leader, "DELETE": writes.set_leader}),
    ("teams/*/admins", {"GET": reads.team_admins}),
    ("teams/*/admins/*", {"PUT": writes.set_admin, "DELETE": writes.set_admin}),
    ("courses", {"GET": reads.courses}),
    ("courses/*", {"GET": reads.course, "DELETE": writes.remove_course}),
    ("courses/*/users", {"GET": reads.course_users}),
    ("bulkimports", {"POST": imports.add_import}),
    ("bulkimports/*", {"GET": imports.import_job}),
    ("achievements", {"GET": feeds.achievements}),
    ("results/details", {"GET": feeds.results_details}),
    ("org/users/details", {"GET": feeds.changed_users}),
    ("org/teams/users", {"GET": feeds.changed_places}),
)
PATTERNS = tuple((tuple(pattern.split("/")), methods) for pattern, methods in ROUTES)


def answer(tenant: Tenant, request: Request) -> Answer:
    """Call this with the tenant's lock held."""
    imports.run_due(tenant)
    for words, methods in PATTERNS:
        ids = matched(words, request.segments)
        if ids is None:
            continue
        if request.method not in methods:
            raise Refused(405, "Method not allowed")
        if request.method != "GET":
            require_content_type(request)
        return methods[request.method](tenant, request, *ids)
    raise Refused(404, "Endpoint not found")


def matched(words: tuple[str, ...], segments: tuple[str, ...]) -> tuple[str, ...] | None:
    """The ids that stand at the pattern's stars."""
    if len(words) != len(segments):
        return None
    pairs = tuple(zip(words, segments, strict=True))
    if any(word not in ("*", segment.lower()) for word, segment in pairs):
        return None
    return tuple(segment for word, segment in pairs if word == "*")
