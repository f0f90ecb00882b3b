from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django_scopes import scope

from accounts.models import Account, Membership, Role, User
from groups.models import Group
from integrations import registry, services
from integrations.management.naming import find_region
from integrations.models import Connection
from portal.demo import story
from targets.emails import email_key
from targets.models import GroupMembership, Target

HAND_MADE = {"Works council": ["Ina Ohm", "Bo Lind"], "": ["Ina Ohm", "Uwe Kant"]}


class Command(BaseCommand):
    help = (
        "Make the accounts, the user and the groups that `make demo` starts with. Reads the "
        "rehearsal key from standard input; prints whether the first account is connected."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        user = User.objects.filter(email=story.EMAIL).first() or User.objects.create_user(
            story.EMAIL, story.PASSWORD, name="Dana Demo"
        )
        _open_account(story.EMPTY_ACCOUNT, user)
        acme = _open_account(story.CONNECTED_ACCOUNT, user)
        with scope(account=acme):
            if not Group.objects.exists():
                _make_groups(acme, named_like=_first_team(acme, sys.stdin.read().strip()))
            is_connected = Connection.objects.exists()
        self.stdout.write("connected" if is_connected else "not connected")


def _open_account(name: str, user: User) -> Account:
    mailbox = f"security@{name.lower()}.example"
    account, _ = Account.objects.get_or_create(
        name=name, defaults={"account_manager_email": mailbox}
    )
    role = {"role": Role.ADMINISTRATOR}
    Membership.objects.get_or_create(user=user, account=account, defaults=role)
    return account


def _first_team(account: Account, api_key: str) -> str:
    region = find_region(registry.get(story.PROVIDER), story.REGION)
    probe = services.run_probe(
        account=account, user=None, provider=story.PROVIDER, region=region, api_key=api_key
    )
    return probe.teams[0]["name"]


def _make_groups(account: Account, *, named_like: str) -> None:
    """One group by the name of a team, which the sync will adopt, and one of no team's name."""
    for name, people in HAND_MADE.items():
        group = Group.objects.create(account=account, name=name or named_like)
        for person in people:
            target = _add_target(account, person)
            GroupMembership.objects.create(account=account, group=group, target=target)


def _add_target(account: Account, name: str) -> Target:
    first, last = name.split()
    email = f"{first}.{last}@{account.name}.example".lower()
    target, _ = Target.objects.get_or_create(
        account=account,
        email_key=email_key(email),
        defaults={"email": email, "name": name, "first_name": first, "last_name": last},
    )
    return target
