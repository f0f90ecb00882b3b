from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Membership


@dataclass(frozen=True)
class Entry:
    label: str
    address: str
    icon: str
    is_current: bool


@dataclass(frozen=True)
class Section:
    title: str
    entries: list[Entry]


PAGES = (
    ("Dashboard", "portal:dashboard", "layout-dashboard"),
    ("Manage Groups", "groups:list", "users-group"),
    ("Targets", "targets:list", "users"),
    ("Courses", "integrations:courses", "book-2"),
    ("Campaigns", "training:campaigns", "fish-hook"),
    ("Enrolments", "training:enrollments", "list-details"),
)
ADMINISTRATION = (
    ("Integration Store", "integrations:store", "building-store"),
    ("Account Settings", "accounts:settings", "settings"),
    ("Users", "accounts:users", "user"),
    ("API", "accounts:api", "key"),
    ("Audit log", "accounts:audit", "shield-check"),
    ("System e-mails", "integrations:mails", "mail"),
)


def shell(request: HttpRequest) -> dict[str, object]:
    """What every page's frame shows: the account in use, those to switch to, and the menu."""
    membership = getattr(request, "membership", None)
    return {
        "account": getattr(request, "account", None),
        "membership": membership,
        "switchable": [each.account for each in getattr(request, "memberships", [])],
        "navigation": _navigation(request.path, membership),
    }


def _navigation(path: str, membership: Membership | None) -> list[Section]:
    if not membership:
        return []
    sections = [Section("", _entries(path, PAGES))]
    if membership.is_administrator:
        sections.append(Section("Administration", _entries(path, ADMINISTRATION)))
    return sections


def _entries(path: str, pages: tuple[tuple[str, str, str], ...]) -> list[Entry]:
    return [_entry(path, *page) for page in pages]


def _entry(path: str, label: str, name: str, icon: str) -> Entry:
    address = reverse(name)
    is_current = path == address or (address != "/" and path.startswith(address))
    return Entry(label, address, icon, is_current)
