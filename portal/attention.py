"""What an administrator should see to, the gravest first, each with what cures it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.models import Account
from integrations import wording
from integrations.mail import recipients_of, setting_of
from integrations.models import Connection, MailKind, Status, SyncRun
from integrations.selectors import SILENT, drifting_groups, is_scheduler_silent
from portal.selectors import Line
from training.services.replacing import unassignable_in_running

GRAVE, TROUBLE, NOTICE = 1, 2, 3
COLOURS = {GRAVE: "red", TROUBLE: "orange", NOTICE: "azure"}
WORDS = {GRAVE: "Stopped", TROUBLE: "To do", NOTICE: "To know"}
NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Attention:
    """`address` is where it is cured."""

    gravity: int
    text: str
    cure: str = ""
    address: str = ""
    link: str = ""

    @property
    def colour(self) -> str:
        return COLOURS[self.gravity]

    @property
    def word(self) -> str:
        return WORDS[self.gravity]


def attention(account: Account, lines: list[Line], now: datetime) -> list[Attention]:
    """Nothing before an integration is set up. A fixed number of queries, and none over all people."""
    if not lines:
        return []
    used = [line for line in lines if line.connection.is_active or line.connection.api_key_sealed]
    found = [
        *_of_schedule(now),
        *(item for line in used for item in _of_connection(line, account)),
        *_of_courses(),
        *_of_drift({line.connection.pk: line for line in used}),
        *_of_mails(account),
    ]
    return sorted(found, key=lambda item: item.gravity)


def _of_schedule(now: datetime) -> Iterator[Attention]:
    if is_scheduler_silent(now):
        yield Attention(GRAVE, *SILENT)


def _of_connection(line: Line, account: Account) -> Iterator[Attention]:
    run = line.whole_run
    is_refused = line.connection.key_refused_since is not None
    if is_refused:
        yield _refused(line.connection, line.label)
    if run and run.status == Status.FAILED and not (is_refused and run.error_code == "key_refused"):
        what, cure = wording.error_sentence(run.error_code, run.error_detail, line.label)
        yield Attention(GRAVE, what, cure, _address("run", run), "Last Sync Logs")
    for held in line.waiting:
        what = f"{line.label} has changes that are held."
        cure = "Nothing of them is done until you decide."
        yield Attention(TROUBLE, what, cure, _address("held", held), "Look and decide")
    if run and account.seat_limit is not None:
        yield from _of_seats(run, account)


def _refused(connection: Connection, label: str) -> Attention:
    what, cure = wording.error_sentence("key_refused", provider=label)
    address = reverse("integrations:setup", args=[connection.provider])
    return Attention(GRAVE, what, cure, address, "Open Setup")


def _address(page: str, run: SyncRun) -> str:
    return reverse(f"integrations:{page}", args=[run.connection.provider, run.pk])


def _of_seats(run: SyncRun, account: Account) -> Iterator[Attention]:
    """As the last sync found them: nobody is counted anew."""
    whys = {key: number for key, number in run.counts.items() if key.startswith("WHY.")}
    left_out = sum(number for key, number in whys.items() if ".SKIP.SEAT_LIMIT." in key)
    link = (reverse("accounts:settings"), "Open Account Settings")
    if left_out:
        what = f"No seat is free: the last sync left out {_people(left_out)}."
        cure = "Raise the seat limit, or switch off people who need not be phished."
        yield Attention(TROUBLE, what, cure, *link)
    elif any(".OVER_SEATS." in key for key in whys):
        what = (
            f"The last sync brought in more people than there are seats ({account.seat_limit:,})."
        )
        yield Attention(NOTICE, what, "Raise the seat limit, or choose another rule.", *link)


def _people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _of_courses() -> Iterator[Attention]:
    names = unassignable_in_running()
    if not names:
        return
    shown = ", ".join(f"“{name}”" for name in names[:NAMES_SHOWN])
    more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
    what = f"Running campaigns use what can't be assigned any more: {shown}{more}."
    cure = "Put another course in its place."
    yield Attention(TROUBLE, what, cure, reverse("training:campaigns"), "Open Campaigns")


def _of_drift(lines: dict[int, Line]) -> Iterator[Attention]:
    for found in drifting_groups():
        line = lines.get(found.connection_id)
        if line is None or (found.is_auto and line.waiting):
            continue
        address = reverse("integrations:drift", args=[line.connection.provider])
        how = "on" if found.is_auto else "off"
        many = f"{found.number:,} group{'s' if found.number > 1 else ''}"
        what = (
            f"{many} with Auto-Sync {how} had other people than at {line.label} when last compared."
        )
        if found.is_auto:
            cure = "The next night brings them up to date, Run Sync does it now."
            yield Attention(NOTICE, what, cure, reverse("integrations:store"), "Open the Store")
        else:
            cure = "Turn Auto-Sync on, or sync them by hand."
            yield Attention(NOTICE, what, cure, address, "Drift report")


def _of_mails(account: Account) -> Iterator[Attention]:
    if account.account_manager_email or _has_recipients(account):
        return
    yield Attention(
        TROUBLE,
        "No Account Manager Email is set, so nobody is told when a sync ends.",
        address=reverse("accounts:notifications"),
        link="Open Notifications",
    )


def _has_recipients(account: Account) -> bool:
    return bool(recipients_of(setting_of(account, MailKind.SYNC_FINISHED)))
