"""Save: the setup form's use case, for the page and the command alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Account, User
from groups.models import Group
from integrations import vault
from integrations.models import (
    OPEN_STATUSES,
    ChosenTeam,
    Connection,
    DefaultLms,
    GroupLink,
    Probe,
    SyncContent,
    SyncRun,
    Trigger,
)
from integrations.services.keys import move_key
from integrations.services.nights import next_auto_sync
from integrations.services.runs import open_run


class ProbeRequired(Exception):
    """Test has not passed for the key and region to be saved, or longer ago than 30 minutes."""


class NothingChosen(Exception):
    """Sync All Groups is No and no team is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    region: str
    is_active: bool = True
    sync_content: str = SyncContent.COURSES_USERS
    default_lms: str = DefaultLms.NONE
    sync_all_groups: bool = True
    team_ids: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Saved:
    connection: Connection
    run: SyncRun | None
    is_run_already_open: bool


@transaction.atomic
def save_connection(
    *,
    account: Account,
    user: User | None,
    provider: str,
    chosen: ConnectionSettings,
    probe: Probe | None,
    api_key: str = "",
) -> Saved:
    """Store the settings and, when Active, queue a sync. Raises ProbeRequired or NothingChosen.

    The key comes from the passed `probe`; `api_key` is only compared with it. Without a probe the key
    and region of a saved connection stay as they are.
    """
    connection = Connection.objects.filter(account=account, provider=provider).first()
    usable = _usable(probe, account, provider, chosen.region, api_key)
    if not usable and not _is_unchanged(connection, chosen.region, api_key):
        raise ProbeRequired
    connection = connection or Connection(account=account, provider=provider)
    before = _as_audited(connection)
    if usable and probe:
        _take_over(connection, probe, user)
    if connection.is_active and not chosen.is_active:
        _stop_automatic(connection)
    _apply(connection, chosen)
    _choose_teams(connection, chosen, probe if usable else None)
    audit.record_change(
        account=account,
        user=user,
        kind="INTEGRATION_SAVED",
        subject=provider,
        before=before,
        after=_as_audited(connection),
    )
    return _queue(connection, user)


def groups_let_go(connection: Connection | None, chosen: ConnectionSettings) -> list[Group]:
    """The groups that the next sync with these settings would unlink: their team is not chosen any more."""
    links = GroupLink.objects.filter(connection=connection, gone_at=None)
    links = links.filter(group__locked=False, group__is_archived=False)
    if chosen.sync_content != SyncContent.COURSES:
        if chosen.sync_all_groups:
            return []
        links = links.exclude(integration_id__in=chosen.team_ids)
    return [link.group for link in links.select_related("group").order_by("group__name_key")]


def _as_audited(connection: Connection) -> dict[str, Any]:
    """What the audit log tells of the settings: of the key its end alone."""
    if connection.pk is None:
        return {}
    return {
        "region": connection.region,
        "active": connection.is_active,
        "sync_content_option": SyncContent(connection.sync_content).label,
        "group_default_lms": DefaultLms(connection.default_lms).label,
        "sync_all_groups": connection.sync_all_groups,
        "teams": sorted(connection.chosen_teams.values_list("name", flat=True)),
        "key_ends_in": connection.api_key_last4,
    }


def _stop_automatic(connection: Connection) -> None:
    """Turned off in the middle of a run: it ends at its next page with nothing changed."""
    automatic = [Trigger.SAVE, Trigger.AUTO]
    runs = SyncRun.objects.filter(connection=connection, trigger__in=automatic)
    runs.filter(status__in=OPEN_STATUSES).update(is_cancel_requested=True)


def _usable(
    probe: Probe | None, account: Account, provider: str, region: str, api_key: str
) -> bool:
    return bool(
        probe
        and probe.account_id == account.pk
        and probe.provider == provider
        and probe.region == region
        and probe.api_key_sealed
        and probe.is_valid_at(timezone.now())
        and (not api_key.strip() or vault.fingerprint(api_key.strip()) == probe.api_key_fingerprint)
    )


def _is_unchanged(connection: Connection | None, region: str, api_key: str) -> bool:
    if connection is None or not connection.api_key_sealed or connection.region != region:
        return False
    typed = api_key.strip()
    return not typed or vault.fingerprint(typed) == connection.api_key_fingerprint


def _take_over(connection: Connection, probe: Probe, user: User | None) -> None:
    connection.region = probe.region
    if connection.api_key_fingerprint == probe.api_key_fingerprint:
        return
    move_key(probe, connection)
    connection.key_set_at = timezone.now()
    connection.key_set_by = user
    connection.key_refused_since = None


def _apply(connection: Connection, chosen: ConnectionSettings) -> None:
    connection.is_active = chosen.is_active
    connection.sync_content = chosen.sync_content
    connection.default_lms = chosen.default_lms
    connection.sync_all_groups = chosen.sync_all_groups
    connection.auto_sync_zone = connection.account.time_zone
    connection.save()
    connection.next_auto_sync_at = next_auto_sync(connection, after=timezone.now())
    connection.save(update_fields=["next_auto_sync_at"])


def _choose_teams(connection: Connection, chosen: ConnectionSettings, probe: Probe | None) -> None:
    if chosen.sync_content == SyncContent.COURSES or chosen.sync_all_groups:
        return
    names = dict(connection.chosen_teams.values_list("integration_id", "name"))
    names.update({team["id"]: team["name"] for team in _known_teams(connection, probe)})
    wanted = {team_id: names[team_id] for team_id in chosen.team_ids if team_id in names}
    if not wanted:
        raise NothingChosen
    connection.chosen_teams.exclude(integration_id__in=wanted).delete()
    ChosenTeam.objects.bulk_create(
        [
            ChosenTeam(
                account=connection.account, connection=connection, integration_id=key, name=name
            )
            for key, name in wanted.items()
        ],
        update_conflicts=True,
        unique_fields=["connection", "integration_id"],
        update_fields=["name"],
    )


def _known_teams(connection: Connection, probe: Probe | None) -> list[dict[str, str]]:
    newest = probe or newest_passed_probe(connection)
    return newest.teams if newest else []


def newest_passed_probe(connection: Connection) -> Probe | None:
    """The last passed test of the connection's own key and region, however old: it knows the teams."""
    return (
        Probe.objects.filter(
            account_id=connection.account_id,
            provider=connection.provider,
            region=connection.region,
            has_passed=True,
            api_key_fingerprint=connection.api_key_fingerprint,
        )
        .order_by("-created_at")
        .first()
    )


def _queue(connection: Connection, user: User | None) -> Saved:
    if not connection.is_active:
        return Saved(connection, None, is_run_already_open=False)
    opened = open_run(connection=connection, trigger=Trigger.SAVE, requested_by=user)
    return Saved(connection, opened.run, is_run_already_open=not opened.is_new)
