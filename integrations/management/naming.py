"""From names typed on a command line to what they name, or a sentence saying what there is."""

from __future__ import annotations

import csv
from collections.abc import Iterable

from django.core.management.base import CommandError

from accounts.models import Account
from integrations import registry
from integrations.contract.provider import Provider
from integrations.models import Connection

USAGE = 2
MOST_NAMES_SHOWN = 20


def misused(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=USAGE)


def find_account(name: str) -> Account:
    account = Account.objects.filter(name__iexact=name.strip()).first()
    if account is None:
        known = Account.objects.order_by("name").values_list("name", flat=True)
        raise misused(f"There is no account “{name}”. {_there_are(known)}")
    return account


def find_provider(key: str) -> Provider:
    if key not in registry.PROVIDERS:
        raise misused(f"There is no provider “{key}”. {_there_are(registry.PROVIDERS)}")
    return registry.get(key)


def find_region(provider: Provider, name: str) -> str:
    wanted = name.strip().casefold()
    for region in provider.regions():
        if wanted in (region.key.casefold(), region.label.casefold()):
            return region.key
    known = [region.label for region in provider.regions()]
    raise misused(f"{provider.label} has no region “{name}”. {_there_are(known)}")


def find_connection(account: Account, provider: Provider) -> Connection:
    connection = Connection.objects.filter(account=account, provider=provider.key).first()
    if connection is None:
        raise misused(f"{provider.label} is not set up in {account}: use manage.py connect.")
    return connection


def find_teams(teams: list[dict[str, str]], typed: str) -> list[str]:
    """The ids of the teams named in a comma-separated list; quotes keep a comma inside a name."""
    names = next(csv.reader([typed], skipinitialspace=True), [])
    return [_find_team(teams, name.strip()) for name in names if name.strip()]


def _find_team(teams: list[dict[str, str]], name: str) -> str:
    wanted = name.casefold()
    found = [team for team in teams if team["path"].casefold() == wanted] or [
        team for team in teams if team["name"].strip().casefold() == wanted
    ]
    if not found:
        raise misused(f"There is no team “{name}”. {_there_are(t['path'] for t in teams)}")
    if len(found) > 1:
        paths = ", ".join(f"“{team['path']}”" for team in found)
        raise misused(f"“{name}” names {len(found)} teams: give the path, one of {paths}.")
    return found[0]["id"]


def _there_are(names: Iterable[str]) -> str:
    listed = [f"“{name}”" for name in names]
    if not listed:
        return "There are none."
    more = len(listed) - MOST_NAMES_SHOWN
    tail = f" and {more} more" if more > 0 else ""
    return f"There are: {', '.join(listed[:MOST_NAMES_SHOWN])}{tail}."
