"""Why somebody whom the provider has now is here, or is not: what a whole sync would make of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accounts.models import Account, SeatRule
from groups.sources import source_label
from integrations.contract.records import PersonRecord, TeamRecord
from integrations.models import Connection, GroupLink, SyncContent, TargetLink
from integrations.selectors.why import Answer
from integrations.sentences import REASONS
from targets.models import Target
from targets.seats import seats_used


def asked_answer(
    connection: Connection, record: PersonRecord, teams: Sequence[TeamRecord]
) -> Answer:
    links = TargetLink.objects.filter(
        connection=connection, integration_id=record.integration_id
    ).select_related("target")
    target = links[0].target if links else None
    label = record.fields["name"] or record.email or record.integration_id
    sentences = list(_Asked(connection, record, teams, target).sentences())
    email = record.email or record.raw_email
    target_id = target.pk if target else None
    return Answer(label, email, sentences, target_id, record.integration_id)


class _Asked:
    def __init__(
        self,
        connection: Connection,
        record: PersonRecord,
        teams: Sequence[TeamRecord],
        target: Target | None,
    ) -> None:
        self.connection, self.record, self.teams, self.target = connection, record, teams, target
        self.provider = source_label(connection.provider)

    def sentences(self) -> Iterable[str]:
        reasons = [*self._own(), *self._team_reasons(), *self._address(), *self._seat()]
        if reasons:
            yield from reasons
        elif self.target:
            yield f"Is here, and follows {self.provider} through {self._through()}."
        else:
            yield f"Nothing keeps this person out: the next sync brings them in through {self._through()}."

    def _own(self) -> Iterable[str]:
        if not self.record.is_active:
            yield f"Is inactive at {self.provider}."
        if self.record.email_problem:
            yield REASONS[self.record.email_problem].format(provider=self.provider)

    def _team_reasons(self) -> Iterable[str]:
        if self.connection.sync_content == SyncContent.COURSES:
            yield "Only courses are synced: people are not brought over."
        elif not self.teams:
            yield f"Is in no team at {self.provider}."
        elif not self._synced():
            names = ", ".join(team.name for team in self.teams)
            yield f"Is in no team that is synced, only in {names}."
        for link in self._links().values():
            if link.group.locked:
                yield f"The group {link.group.name} is locked, so nothing syncs it."

    def _synced(self) -> list[TeamRecord]:
        """Teams that are chosen, or whose group follows them already."""
        if self.connection.sync_all_groups:
            return list(self.teams)
        chosen = set(self.connection.chosen_teams.values_list("integration_id", flat=True))
        wanted = chosen | set(self._links())
        return [team for team in self.teams if team.integration_id in wanted]

    def _links(self) -> dict[str, GroupLink]:
        ids = [team.integration_id for team in self.teams]
        links = GroupLink.objects.filter(connection=self.connection, integration_id__in=ids)
        return {link.integration_id: link for link in links.select_related("group")}

    def _through(self) -> str:
        return ", ".join(team.name for team in self._synced())

    def _address(self) -> Iterable[str]:
        if not self.record.email_key:
            return
        mine = self.target.pk if self.target else 0
        holder = Target.objects.filter(email_key=self.record.email_key).exclude(pk=mine).first()
        linked = TargetLink.objects.filter(connection=self.connection, target=holder).first()
        if holder and (linked or self.target):
            yield REASONS["EMAIL_TAKEN"].format(by=holder)

    def _seat(self) -> Iterable[str]:
        account: Account = self.connection.account
        is_new = not self.target and self.record.email_key
        if account.seat_limit is None or account.seat_rule == SeatRule.IMPORT_ALL or not is_new:
            return
        is_known = Target.objects.filter(email_key=self.record.email_key).exists()
        if not is_known and seats_used(account.pk) >= account.seat_limit:
            yield REASONS["SEAT_LIMIT"].format(limit=f"{account.seat_limit:,}")
