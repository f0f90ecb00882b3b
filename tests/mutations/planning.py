"""The guard, the planners, and undo."""

from tests.mutations.mutation import Mutation

GUARD = "integrations/sync/guard.py"
EDGES = "tests/integrations/sync/test_guard.py"
PLANNER = "integrations/sync/planner.py"
UNDO_PLANNER = "integrations/sync/undo_planner.py"
LEAVERS = "tests/integrations/sync/test_leavers.py"
MARKS = "tests/integrations/sync/test_marks.py"
MATCHING = "tests/integrations/sync/test_matching.py"
SCOPE = "tests/integrations/sync/test_scope.py"
DECIDING = "tests/integrations/sync/test_deciding.py"
UNDO = "tests/integrations/sync/test_undo.py"
LIMITS = "tests/integrations/views/test_limits.py"
HISTORIES = "tests/integrations/sync/test_histories.py"

MUTATIONS = (
    Mutation(
        name="guard-only-huge-removals",
        area="guard",
        file=GUARD,
        what="Removals are held only when they are both a large share and more than 500 people.",
        old="            or figures.leaving > limits.people_at_most",
        new="            and figures.leaving > limits.people_at_most",
        tests=(
            EDGES,
            LEAVERS,
        ),
    ),
    Mutation(
        name="guard-no-upper-limit",
        area="guard",
        file=GUARD,
        what="A large account may lose any number of people at once, as long as the share is small.",
        old="            or figures.leaving > limits.people_at_most\n",
        new="",
        tests=(EDGES, LIMITS, LEAVERS, DECIDING),
    ),
    Mutation(
        name="guard-limit-itself-is-held",
        area="guard",
        file=GUARD,
        what="Exactly as many removals as are allowed are held, instead of one more.",
        old="        and figures.leaving > limits.people\n",
        new="        and figures.leaving >= limits.people\n",
        tests=(EDGES, LIMITS, LEAVERS, HISTORIES),
    ),
    Mutation(
        name="guard-other-company-by-either-sign",
        area="guard",
        file=GUARD,
        what="Losing half of the people holds everything, new people too, without any stranger.",
        old="_is_half_gone(figures, limits) and figures.strangers > figures.seen",
        new="_is_half_gone(figures, limits) or figures.strangers > figures.seen",
        tests=(
            EDGES,
            LEAVERS,
        ),
    ),
    Mutation(
        name="guard-small-emptied-team",
        area="guard",
        file=GUARD,
        what="A team that suddenly has nobody is emptied without asking when it was a small one.",
        old="    if group.is_emptied and group.leaving:",
        new="    if group.is_emptied and group.leaving > limits.group_people:",
        tests=(
            EDGES,
            LEAVERS,
        ),
    ),
    Mutation(
        name="guard-small-empty-tenant",
        area="guard",
        file=GUARD,
        what="An LMS that suddenly has nobody empties an account of few people.",
        old="    if figures.known and not figures.received:",
        new="    if figures.known > limits.known_at_least and not figures.received:",
        tests=(
            EDGES,
            LEAVERS,
        ),
    ),
    Mutation(
        name="guard-teams-never-held",
        area="guard",
        file=GUARD,
        what="Any number of teams may be gone at once.",
        old='teams="team_removals" if _too_many_teams(figures, limits) else "",',
        new='teams="",',
        tests=(EDGES, LIMITS, LEAVERS, HISTORIES),
    ),
    Mutation(
        name="guard-gone-people-count-as-missing",
        area="guard",
        file="integrations/sync/stages/holds.py",
        what="People who left long ago count as missing, so that syncs are held for no reason.",
        old="    links = TargetLink.objects.filter(connection=run.connection, gone_at=None)",
        new="    links = TargetLink.objects.filter(connection=run.connection)",
        tests=(EDGES, LEAVERS, DECIDING, HISTORIES),
    ),
    Mutation(
        name="planner-switches-people-on-again",
        area="planner",
        file=PLANNER,
        what="A sync plans to switch on again whom an administrator has switched off.",
        old="(not seat.is_active and seat.is_by_sync)",
        new="not seat.is_active",
        tests=(MARKS,),
    ),
    Mutation(
        name="planner-takes-an-address",
        area="planner",
        file=PLANNER,
        what="A new person with the address of somebody who is still there takes over their target.",
        old="    if linked or holder.is_link_alive:",
        new="    if linked:",
        tests=(MATCHING,),
    ),
    Mutation(
        name="planner-unreadable-people-leave",
        area="planner",
        file=PLANNER,
        what="People whose records can't be read this time are taken for people who left.",
        old="    if found and not found.is_readable:",
        new="    if found and found.is_active and not found.is_readable:",
        tests=("tests/integrations/sync/test_over_the_wire.py", "tests/faults/test_litmos.py"),
    ),
    Mutation(
        name="planner-kept-people-leave",
        area="planner",
        file="integrations/sync/drafts.py",
        what="Whom an administrator decided to keep is taken out by the next sync.",
        old="        return self.is_active and not self.is_kept",
        new="        return self.is_active",
        tests=(DECIDING,),
    ),
    Mutation(
        name="planner-leaves-everything",
        area="planner",
        file=PLANNER,
        what="Who left the synced teams leaves also the groups that this sync has nothing to do with.",
        old="    if has_other_groups:",
        new="    if not has_other_groups:",
        tests=(LEAVERS, "tests/integrations/sync/test_one_person.py", SCOPE),
    ),
    Mutation(
        name="planner-fills-archived-groups",
        area="planner",
        file="integrations/sync/group_planner.py",
        what="A group that was archived is adopted by a team of the same name.",
        old='    return "ARCHIVED" if group.is_archived else ""',
        new='    return ""',
        tests=(MATCHING, SCOPE),
    ),
    Mutation(
        name="planner-adopts-locked-groups",
        area="planner",
        file="integrations/sync/group_planner.py",
        what="A locked group is adopted by a team of the same name.",
        old="    if group.is_locked:\n",
        new="    if group.is_locked and group.team_id:\n",
        tests=(MATCHING, SCOPE),
    ),
    Mutation(
        name="planner-course-stays-gone",
        area="planner",
        file="integrations/sync/course_planner.py",
        what="A course that was gone and is there again can't be assigned any more.",
        old="    was_usable = known.is_active and not known.is_gone",
        new="    was_usable = known.is_active",
        tests=(LEAVERS, "tests/integrations/test_courses.py", UNDO),
    ),
    Mutation(
        name="planner-inactive-course-comes-active",
        area="planner",
        file="integrations/sync/course_planner.py",
        what="A new course that is inactive at the LMS comes in as an active one.",
        old='reason="" if read.is_active else "COURSE_INACTIVE")',
        new='reason="")',
        tests=(LEAVERS, "tests/integrations/test_courses.py"),
    ),
    Mutation(
        name="undo-overrules-a-person",
        area="undo",
        file=UNDO_PLANNER,
        what="An undo switches on again whom an administrator has switched off since.",
        old="        return not self.is_active and self.is_by_sync",
        new="        return not self.is_active",
        tests=(UNDO,),
    ),
    Mutation(
        name="undo-takes-an-address-back",
        area="undo",
        file=UNDO_PLANNER,
        what="An undo gives somebody an old address that another person has by now.",
        old=" and name not in now.blocked\n",
        new="\n",
        tests=(UNDO,),
    ),
    Mutation(
        name="undo-forever",
        area="undo",
        file="integrations/services/undoing.py",
        what="A sync can be undone at any time, not just within 30 days.",
        old="    if (now or timezone.now()) - run.finished_at > UNDO_WITHIN:",
        new="    if run.finished_at - (now or timezone.now()) > UNDO_WITHIN:",
        tests=(UNDO,),
    ),
    Mutation(
        name="undo-of-what-was-held",
        area="undo",
        file="integrations/sync/stages/undoing.py",
        what="An undo also puts back what was held or kept, which had never been carried out.",
        old="Change.objects.filter(run=run.undoes_id, outcome=Outcome.APPLIED, pk__gt=after)",
        new="Change.objects.filter(run=run.undoes_id, pk__gt=after)",
        tests=(DECIDING, UNDO),
    ),
)
