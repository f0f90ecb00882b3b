"""The connection test."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from math import ceil

from django.utils import timezone

from accounts import audit
from accounts.models import Account, User
from integrations import budget, registry, vault
from integrations.contract.provider import ProbeResult, ProbeStep
from integrations.contract.records import TeamRecord
from integrations.contract.secret import Secret
from integrations.models import Connection, Probe
from integrations.services.keys import put_key, take_key

LIMIT = 5
WINDOW = timedelta(minutes=1)
LONGEST_KEY = 200


class TooManyProbes(Exception):
    """`seconds` until the account may test again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def run_probe(
    *,
    account: Account,
    user: User | None,
    provider: str,
    region: str,
    api_key: str,
    earlier: Probe | None = None,
) -> Probe:
    """Test a key and keep the result with its teams for Save. An empty `api_key` tests the one of the
    `earlier` test, else the stored one.

    Raises TooManyProbes. A refused key is not kept; a passed one is, sealed, for as long as it is valid.
    """
    _refuse_too_many(account)
    probe = Probe(account=account, provider=provider, region=region, created_by=user)
    probe.save()
    secret: Secret | None = None
    try:
        secret = Secret(api_key.strip()) if api_key.strip() else None
        secret = secret or _tested_key(earlier) or _stored_key(account, provider)
        result = _ask(provider, region, secret)
    except vault.KeyUnreadable:
        result = _failed("key_unreadable")
    if result.passed and secret:
        put_key(probe, secret.reveal())
    _keep(probe, result)
    failed = next((step.code for step in result.steps if not step.passed), "")
    audit.record(
        account=account,
        user=user,
        kind="CONNECTION_TESTED",
        subject=provider,
        after={"region": region, "has_passed": result.passed, "code": failed},
    )
    return probe


def _refuse_too_many(account: Account) -> None:
    now = timezone.now()
    recent = Probe.objects.filter(account=account, created_at__gt=now - WINDOW)
    moments = list(recent.order_by("created_at").values_list("created_at", flat=True))
    if len(moments) >= LIMIT:
        raise TooManyProbes(ceil((moments[-LIMIT] + WINDOW - now).total_seconds()))


def _tested_key(earlier: Probe | None) -> Secret | None:
    return take_key(earlier) if earlier and earlier.api_key_sealed else None


def _stored_key(account: Account, provider: str) -> Secret | None:
    connection = Connection.objects.filter(account=account, provider=provider).first()
    return take_key(connection) if connection and connection.api_key_sealed else None


def _ask(provider: str, region: str, secret: Secret | None) -> ProbeResult:
    if secret is None:
        return _failed("no_key")
    key = secret.reveal()
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        return _failed("key_malformed")
    return registry.get(provider).probe(
        region=region, api_key=secret, budget=budget.for_key(vault.fingerprint(key), "TEST")
    )


def _failed(code: str) -> ProbeResult:
    return ProbeResult(steps=(ProbeStep(key="KEY", passed=False, code=code),))


def _keep(probe: Probe, result: ProbeResult) -> None:
    probe.has_passed = result.passed
    probe.steps = [asdict(step) for step in result.steps]
    probe.teams = with_paths(result.teams)
    probe.counts = result.counts
    probe.save()


def with_paths(teams: tuple[TeamRecord, ...]) -> list[dict[str, str]]:
    """[{"id", "name", "path"}] by path; a team whose parents form a circle stands on its own."""
    by_id = {team.integration_id: team for team in teams}
    rows = [
        {"id": team.integration_id, "name": team.name, "path": _path(team, by_id)} for team in teams
    ]
    return sorted(rows, key=lambda row: (row["path"].casefold(), row["id"]))


def _path(team: TeamRecord, by_id: dict[str, TeamRecord]) -> str:
    names, seen = [team.name], {team.integration_id}
    parent = by_id.get(team.parent_id)
    while parent and parent.integration_id not in seen:
        names.append(parent.name)
        seen.add(parent.integration_id)
        parent = by_id.get(parent.parent_id)
    return " / ".join(reversed(names))
