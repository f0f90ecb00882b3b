"""What the migrations promise: constraints, indexes, rights, and steps that change data."""

from tests.mutations.mutation import Mutation

GROUPS = "groups/migrations/0001_initial.py"
TARGETS = "targets/migrations/0001_initial.py"
RUNS = "integrations/migrations/0001_initial.py"

MUTATIONS = (
    Mutation(
        name="migration-second-membership",
        area="migrations",
        file=TARGETS,
        what="Somebody may be in a group twice.",
        old="""        migrations.AddConstraint(
            model_name='groupmembership',
            constraint=models.UniqueConstraint(fields=('group', 'target'), name='group_membership_unique'),
        ),
""",
        new="",
        tests=("tests/integrations/sync/test_undo.py", "tests/targets"),
    ),
    Mutation(
        name="migration-second-open-run",
        area="migrations",
        file=RUNS,
        what="A second sync of an integration can be started while the first one runs.",
        old="UniqueConstraint(condition=models.Q(('status__in', ('QUEUED', 'RUNNING')))",
        new="UniqueConstraint(condition=models.Q(('status__in', ('QUEUED',)))",
        tests=("tests/integrations/views/test_sync.py", "tests/integrations/sync/test_lease.py"),
    ),
    Mutation(
        name="migration-one-sync-for-ever",
        area="migrations",
        file=RUNS,
        what="An integration can be synced once and never again.",
        old="UniqueConstraint(condition=models.Q(('status__in', ('QUEUED', 'RUNNING'))), fields=",
        new="UniqueConstraint(fields=",
        tests=("tests/integrations/sync/test_first_sync.py",),
        setup="embedded",
    ),
    Mutation(
        name="migration-same-group-name",
        area="migrations",
        file=GROUPS,
        what="Two groups may have the same name.",
        old="models.UniqueConstraint(fields=('account', 'name_key'), name='group_name_unique')",
        new="",
        tests=("tests/groups",),
    ),
    Mutation(
        name="migration-name-taken-by-others",
        area="migrations",
        file=GROUPS,
        what="A group can't have the name of a group of another account.",
        old="UniqueConstraint(fields=('account', 'name_key'), name='group_name_unique')",
        new="UniqueConstraint(fields=('name_key',), name='group_name_unique')",
        tests=("tests/groups/test_services.py", "tests/security/test_tenants.py"),
    ),
    Mutation(
        name="migration-one-answer-for-all",
        area="migrations",
        file="accounts/migrations/0003_api_tokens.py",
        what="Of two calls with one idempotency key at the same moment both are carried out.",
        old="""        migrations.AddConstraint(
            model_name='apianswer',
            constraint=models.UniqueConstraint(fields=('token', 'key'), name='api_answer_once'),
        ),
""",
        new="",
        tests=("tests/training/test_api_once.py",),
    ),
    Mutation(
        name="migration-search-without-address",
        area="migrations",
        file="targets/migrations/0006_search.py",
        what="Searching a large account for an address reads every row.",
        old=', "(email_key::text)")',
        new=")",
        tests=("tests/accounts/test_search_index.py",),
    ),
    Mutation(
        name="migration-statistics-by-owner-only",
        area="migrations",
        file="integrations/migrations/0016_analyze_by_its_owner.py",
        what="Workers with least rights can't bring the statistics of the tables up to date.",
        old="SECURITY DEFINER SET",
        new="SECURITY INVOKER SET",
        tests=("tests/processes/test_least_rights.py",),
    ),
    Mutation(
        name="migration-counts-the-inactive",
        area="migrations",
        file="targets/migrations/0005_first_count.py",
        what="After an upgrade, groups show also the people who are inactive in them.",
        old="    active = GroupMembership.objects.filter(is_active=True)",
        new="    active = GroupMembership.objects.all()",
        tests=("tests/targets/test_tallies.py",),
    ),
    Mutation(
        name="migration-bodies-stay-in-logs",
        area="migrations",
        file="integrations/migrations/0015_no_bodies_in_logs.py",
        what="After an upgrade, old logs still hold parts of answers, perhaps with people's data.",
        old='    runs.filter(error_code__in=["bad_format", "unexpected"])',
        new='    runs.filter(error_code__in=["bad_format"])',
        tests=("tests/portal/test_logs.py", "tests/integrations/sync/test_faults.py"),
    ),
    Mutation(
        name="migration-everybody-is-kept",
        area="migrations",
        file="targets/migrations/0002_membership_is_kept.py",
        what="After an upgrade, nobody who was there before is ever taken out by a sync.",
        old="field=models.BooleanField(default=False)",
        new="field=models.BooleanField(default=True)",
        tests=("tests/integrations/sync/test_deciding.py",),
    ),
)
