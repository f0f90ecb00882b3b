"""A letter as the two parts of an e-mail: in the standard words, or in the account's own."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import dateformat

from groups.sources import source_label
from integrations import mail_words, wording
from integrations.letters import Button, Letter, headline, one_line
from integrations.models import MailSetting, SyncRun

STANDARD = "integration_sync_finished"


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    text: str
    html: str


def written(run: SyncRun, letter: Letter, setting: MailSetting, recipient: str) -> Written:
    context = _context(run, letter, recipient)
    if not setting.text:
        context["subject"] = letter.subject
        return _rendered(letter.subject, STANDARD, context)
    values = _values(run, letter, context)
    text = mail_words.filled_text(setting.text, values)
    paragraphs = mail_words.paragraphs(text, str(context["link"]))
    subject = headline(mail_words.filled(setting.subject, values)) or letter.subject
    own = {"subject": subject, "body": text, "paragraphs": paragraphs}
    return _rendered(subject, "own_words", context | own)


def _rendered(subject: str, name: str, context: dict[str, object]) -> Written:
    text, html = (render_to_string(f"emails/{name}.{part}", context) for part in ("txt", "html"))
    # What was rendered counts as safe for a page; the text part, where nothing is escaped, must not.
    return Written(subject, text + "", html)


def _context(run: SyncRun, letter: Letter, recipient: str) -> dict[str, object]:
    log = reverse("integrations:run", args=[run.connection.provider, run.pk])
    button = letter.button or Button("Last Sync Logs", log)
    return {
        "letter": letter,
        "button": button,
        "what": "Comparison" if run.is_preview else run.get_trigger_display(),
        "run": run,
        "account": run.account,
        "status": wording.status_label(run),
        "link": f"{settings.PORTAL_URL}{button.path}",
        "is_manager": recipient == run.account.account_manager_email,
    }


def _values(run: SyncRun, letter: Letter, context: dict[str, object]) -> dict[str, str]:
    """Of one line each, but for those that are said to have several."""
    what, who = context["what"], run.requested_by
    of_one_line = {
        "headline": letter.subject,
        "account": run.account.name,
        "integration": source_label(run.connection.provider),
        "outcome": str(context["status"]),
        "started_by": f"{who} ({what})" if who else str(what),
        "group": run.group.name if run.group else "all groups",
        "started": _at(run, "created_at"),
        "ended": _at(run, "finished_at"),
        "link": str(context["link"]),
    }
    counts = [f"{label}: {number:,}" for label, number in letter.counts]
    several = {"details": letter.sentences, "counts": counts or ["Nothing changed."]}
    return {name: one_line(value) for name, value in of_one_line.items()} | {
        name: "\n".join(map(one_line, lines)) for name, lines in several.items()
    }


def _at(run: SyncRun, name: str) -> str:
    value, zone = getattr(run, name), ZoneInfo(run.account.time_zone)
    return f"{dateformat.format(value.astimezone(zone), 'j M Y, H:i')} ({zone})" if value else "–"
