"""Runs inside the Portal under test (`manage.py shell`): the pages of an account with a million targets and
of one with a thousand, in one database. Prints one line of JSON."""

from __future__ import annotations

import json
import statistics
import time

from django.db import connection as database
from django.test import Client
from django_scopes import scope, scopes_disabled

from accounts.models import Account, Membership, Role, User
from groups.models import Group
from integrations.models import Connection, SyncRun
from targets import tallies
from targets.models import Target
from tests.bench import measure_pages

SMALL, LARGE, GROUPS = 1_000, 1_000_000, 2_000
CHANGES = {SMALL: 1_000, LARGE: 100_000}
TIMES, WARM = 20, 2
TARGETS = """
INSERT INTO targets_target (
    account_id, email, email_key, name, first_name, last_name, phone_business, phone_mobile, address_one,
    address_two, city, state, zip, country, company, title, timezone, language, manager, optional_1,
    optional_2, optional_3, is_active, is_reachable, source, created_at, updated_at
)
SELECT
    %(account)s, email, email, first || ' ' || last, first, last, '', '', '', '', city, '', '', 'Norway',
    'Crowd', 'Clerk', 'Europe/Oslo', 'en', '', '', '', '', number %% 5000 <> 0, true,
    CASE WHEN number %% 1000 = 0 THEN '' ELSE 'litmos' END, now(), now()
FROM (
    SELECT
        number,
        initcap(substr(md5('f' || number %% 3001), 1, 6)) AS first,
        initcap(substr(md5('l' || number %% 20011), 1, 7)) AS last,
        substr(md5('f' || number %% 3001), 1, 6) || '.' || number || '@crowd.example' AS email,
        (ARRAY['Oslo', 'Bergen', 'Bodø'])[1 + number %% 3] AS city
    FROM generate_series(1, %(people)s) AS number
) AS made
"""
#: One group has everybody; each person is in two of the others, a thousand in each whatever the size of the
#: account, and one in twenty of them inactive there.
MEMBERS = """
INSERT INTO targets_groupmembership (
    account_id, group_id, target_id, is_active, set_by, is_kept, created_at, changed_at
)
SELECT
    %(account)s, groups.id, target.id, place.is_first OR target.id %% 20 <> 0, 'SYNC', false, now(), now()
FROM targets_target AS target
CROSS JOIN LATERAL (
    VALUES (0, true), (1 + target.id %% %(others)s, false), (1 + (target.id * 7 + 3) %% %(others)s, false)
) AS place (number, is_first)
JOIN groups_group AS groups
    ON groups.account_id = target.account_id AND groups.name = 'Group ' || place.number
WHERE target.account_id = %(account)s
ON CONFLICT DO NOTHING
"""


def measure() -> None:
    found = {}
    with scopes_disabled():
        made = {size: _account(size) for size in (SMALL, LARGE)}
        _execute("VACUUM ANALYZE", {})
    for size, account in made.items():
        found[size] = _pages(account)
    print(json.dumps({page: [found[SMALL][page], found[LARGE][page]] for page in found[SMALL]}))


def _execute(statement: str, values: dict[str, object]) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement, values)


def _account(size: int) -> Account:
    account = Account.objects.create(name=f"Crowd {size}")
    user = User.objects.create(email=f"{size}@crowd.example", name="Bench")
    Membership.objects.create(account=account, user=user, role=Role.ADMINISTRATOR)
    Group.objects.bulk_create(
        Group(account=account, name=f"Group {n}", name_key=f"group {n}", source="litmos")
        for n in range(GROUPS)
    )
    others = min(GROUPS - 1, 2 * size // 1000)
    values: dict[str, object] = {"account": account.pk, "people": size, "others": others}
    _execute(TARGETS, values)
    _execute("ANALYZE", {})
    _execute(MEMBERS, values)
    tallies.recount(account)
    connection = Connection.objects.create(account=account, provider="litmos", region="us")
    measure_pages.run_of(connection, CHANGES[size], is_preview=False)
    return account


def _pages(account: Account) -> dict[str, float]:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(memberships__account=account))
    with scope(account=account):
        addresses = _addresses()
    return {name: _p95(client, address) for name, address in addresses.items()}


def _addresses() -> dict[str, str]:
    everybody, some = (Group.objects.get(name=f"Group {number}").pk for number in (0, 1))
    some_one = Target.objects.order_by("name")[500]
    run = SyncRun.objects.get()
    log = f"/administration/integrations/litmos/runs/{run.pk}/"
    return {
        "targets": "/targets/",
        "targets, a later page": f"/targets/?after={some_one.pk}-501",
        "targets by e-mail": "/targets/?sort=email",
        "targets, inactive": "/targets/?status=inactive",
        "targets, active": "/targets/?status=active",
        "targets made by hand": "/targets/?source=-",
        "targets of one group": f"/targets/?group={some}",
        "targets of the group of everybody": f"/targets/?group={everybody}",
        "search: a name": f"/targets/?q={some_one.last_name}",
        "search: an e-mail": f"/targets/?q={some_one.email}",
        "search: what everybody has": "/targets/?q=crowd",
        "search: nobody": "/targets/?q=zzyzx",
        "search: two letters": "/targets/?q=zz",
        "Manage Groups": "/groups/",
        "Manage Groups by people": "/groups/?sort=-people",
        "search: groups": "/groups/?q=199",
        "a group": f"/groups/{some}/",
        "the group of everybody": f"/groups/{everybody}/",
        "the group of everybody, a later page": f"/groups/{everybody}/?after={_member(everybody)}-501",
        "search: in the group of everybody": f"/groups/{everybody}/?q={some_one.last_name}",
        "a target": f"/targets/{some_one.pk}/",
        "dashboard": "/",
        "log": log,
        "search: in the log": f"{log}?q=person77",
    }


def _member(group: int) -> int:
    members = Group.objects.get(pk=group).memberships.order_by("target__name", "pk")
    return members.values_list("pk", flat=True)[500]


def _p95(client: Client, address: str) -> float:
    taken = []
    for _ in range(WARM + TIMES):
        begin = time.monotonic()
        assert client.get(address).status_code == 200, address
        taken.append(time.monotonic() - begin)
    return statistics.quantiles(taken[WARM:], n=20, method="inclusive")[-1]
