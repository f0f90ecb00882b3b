from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django_scopes import scope

from accounts.models import Account
from integrations import services, tasks
from integrations.contract.provider import Provider
from integrations.management.base import RunCommand
from integrations.management.naming import (
    find_account,
    find_provider,
    find_region,
    find_teams,
    misused,
)
from integrations.models import DefaultLms, Probe, SyncContent
from integrations.wording import probe_step

CONTENT = {"courses": SyncContent.COURSES, "users": SyncContent.COURSES_USERS}
DEFAULT_LMS = {"all": DefaultLms.ALL_GROUPS, "none": DefaultLms.NONE}


class Command(RunCommand):
    help = (
        "Set an integration up as the form does: test, save and, when active, sync. "
        "The API key is read from standard input; an empty one means the key stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--region", required=True)
        parser.add_argument("--content", choices=CONTENT, default="users")
        parser.add_argument(
            "--groups", default="all", metavar="all|TEAM,…", help="teams to sync, by name or path"
        )
        parser.add_argument("--inactive", action="store_true", help="save only; sync nothing")
        parser.add_argument("--default-lms", choices=DEFAULT_LMS, default="none")

    def handle(self, *_args: Any, **options: Any) -> None:
        account = find_account(options["account"])
        provider = find_provider(options["provider"])
        region = find_region(provider, options["region"])
        api_key = _read_key()
        with scope(account=account):
            probe = self._probe(account, provider, region, api_key)
            saved = self._save(account, provider, _chosen(region, probe, options), probe)
            if saved.run is None:
                self.stdout.write(f"Saved. {provider.label} is not active: nothing is synced.")
                return
            tasks.wake(saved.run.pk)
            self.conclude(saved.run, wait=options["wait"], as_json=options["json"])

    def _probe(self, account: Account, provider: Provider, region: str, api_key: str) -> Probe:
        try:
            probe = services.run_probe(
                account=account, user=None, provider=provider.key, region=region, api_key=api_key
            )
        except services.TooManyProbes as refusal:
            raise CommandError(f"Too many tests: wait {refusal.seconds} seconds.") from None
        for line in (probe_step(step, provider.label) for step in probe.steps):
            verdict = "" if line.passed else f": FAILED. {line.what} {line.cure}"
            self.stderr.write(f"{line.label}{verdict}")
        if not probe.has_passed:
            raise CommandError("The test did not pass: nothing is saved.")
        return probe

    def _save(
        self,
        account: Account,
        provider: Provider,
        chosen: services.ConnectionSettings,
        probe: Probe,
    ) -> services.Saved:
        saved = services.save_connection(
            account=account, user=None, provider=provider.key, chosen=chosen, probe=probe
        )
        if saved.is_run_already_open:
            self.stderr.write("A sync is open already; saving queues no second one.")
        return saved


def _chosen(region: str, probe: Probe, options: dict[str, Any]) -> services.ConnectionSettings:
    takes_all = options["groups"].strip().casefold() == "all"
    team_ids = [] if takes_all else find_teams(probe.teams, options["groups"])
    if not takes_all and not team_ids:
        raise misused("--groups names no team. Use all, or names separated by commas.")
    return services.ConnectionSettings(
        region=region,
        is_active=not options["inactive"],
        sync_content=CONTENT[options["content"]],
        default_lms=DEFAULT_LMS[options["default_lms"]],
        sync_all_groups=takes_all,
        team_ids=team_ids,
    )


def _read_key() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("API key: ").strip()
    return sys.stdin.read().strip()
