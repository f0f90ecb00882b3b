"""The words of the system e-mails, for both of their parts."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from groups.sources import source_label
from integrations import wording
from integrations.models import Change, Decision, GroupLink, Outcome, Status, SyncRun
from integrations.sync.drift import adrift

MOST_GROUPS = 50
LONGEST_SUBJECT = 255
GOOD_ENDINGS = (Status.SYNCED, Status.WARNINGS, Status.HELD)
HAPPENED = {
    Status.FAILED: "sync failed",
    Status.CANCELLED: "sync cancelled",
    Status.UNDONE: "sync undone",
}


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Its button leads to the run's log unless told."""

    subject: str
    sentences: list[str]
    counts: list[tuple[str, int]]
    button: Button | None = None


def sync_letter(run: SyncRun) -> Letter:
    return Letter(_subject(run), _sentences(run), wording.count_lines(run.counts))


def _subject(run: SyncRun) -> str:
    provider = source_label(run.connection.provider)
    verb = "works again" if is_recovery(run) else "finished"
    happened = HAPPENED.get(Status(run.status), f"sync {verb}: {wording.status_label(run)}")
    return headline(f"{provider} {happened} – {run.account.name}")


def is_recovery(run: SyncRun) -> bool:
    return run.status in GOOD_ENDINGS and bool(run.connection.failure_mailed_code)


def headline(text: str) -> str:
    return one_line(text)[:LONGEST_SUBJECT]


def one_line(text: str) -> str:
    """Fit for a header: nothing in it can end a line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _sentences(run: SyncRun) -> list[str]:
    provider = source_label(run.connection.provider)
    if run.status == Status.FAILED:
        return list(wording.error_sentence(run.error_code, run.error_detail, provider))
    sentences = ["It works again: the failure told of before is over."] if is_recovery(run) else []
    if run.status == Status.HELD:
        sentences += [wording.hold_sentence(reason, provider) for reason in _hold_reasons(run)]
    if run.status == Status.WARNINGS:
        sentences.append(f"{run.warnings:,} rows of the log need a look.")
    if run.status == Status.UNDONE:
        sentences.append(f"What sync {run.undoes_id} had changed was put back.")
    if run.status == Status.CANCELLED:
        sentences.append("It was cancelled before anything was changed.")
    return sentences


def _hold_reasons(run: SyncRun) -> list[str]:
    if run.hold_reason:
        return [run.hold_reason]
    held = Change.objects.filter(run=run, outcome=Outcome.HELD).exclude(hold_reason="")
    return list(held.order_by("hold_reason").values_list("hold_reason", flat=True).distinct())


def decided_letter(decision: Decision) -> Letter:
    run = decision.run
    provider = source_label(run.connection.provider)
    verb = "approved" if decision.is_approval else "kept as they were"
    who = decision.user or "The operator"
    return Letter(
        headline(f"{provider}: {decision.number:,} held changes {verb} – {run.account.name}"),
        [f"{who} decided: {wording.decision_sentence(decision)}", f"Reason: {decision.reason}"],
        wording.count_lines(run.counts),
    )


def drift_letter(run: SyncRun) -> Letter:
    links = list(adrift(connection=run.connection))
    far = sorted(
        (link for link in links if link.joining or link.leaving),
        key=lambda link: -(link.joining + link.leaving),
    )
    provider = source_label(run.connection.provider)
    return Letter(
        headline(f"{provider}: {len(far):,} of {_groups(len(links))} drift – {run.account.name}"),
        _drift_sentences(run, links, len(far)),
        [
            (f"{link.group.name}, {verb}", number)
            for link in far[:MOST_GROUPS]
            for verb, number in (("to join", link.joining), ("to leave", link.leaving))
            if number
        ],
        Button("Drift report", reverse("integrations:drift", args=[run.connection.provider])),
    )


def _groups(number: int) -> str:
    return f"{number:,} group{'' if number == 1 else 's'}"


def _drift_sentences(run: SyncRun, links: list[GroupLink], far: int) -> list[str]:
    provider = source_label(run.connection.provider)
    sentences = [
        f"Auto-Sync is off for {_groups(len(links))}. Other people than at {provider}: {far:,}. "
        "Nothing was changed.",
    ]
    if far > MOST_GROUPS:
        sentences.append(f"The {MOST_GROUPS} that differ most are listed here.")
    if run.status == Status.PREVIEWED and not run.hold_reason:
        return sentences
    sentences.append("They could not be compared this week, so the figures are older.")
    if run.status == Status.FAILED:
        return [*sentences, *wording.error_sentence(run.error_code, run.error_detail, provider)]
    if run.status == Status.CANCELLED:
        return [*sentences, "The comparison was cancelled."]
    return [*sentences, wording.hold_sentence(run.hold_reason, provider)]
