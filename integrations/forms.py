"""The setup form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from integrations.contract.provider import Provider
from integrations.models import Connection, DefaultLms, SyncContent
from integrations.services import ConnectionSettings
from integrations.services.probes import LONGEST_KEY

YES_NO = (("yes", "Yes"), ("no", "No"))
UNKNOWN_TEAM = (
    "A group that was chosen is not among the teams of {provider}. Press Test to load them."
)
NO_TEAM = "Choose at least one group to sync, or set Sync All Groups to Yes."
CONTENT_HELP = (
    "Courses Only brings the courses and leaves people to you or another integration; it goes well "
    "with All Groups below. Courses & Users also brings the teams as groups, with their people."
)
DEFAULT_LMS_HELP = (
    "All Groups: every group without an LMS of its own, today's and tomorrow's, enrols through "
    "{provider}. It enrols nobody by itself."
)
ALL_GROUPS_HELP = "Yes takes every team, and those that appear later. No lets you choose."


class TeamsField(forms.MultipleChoiceField):
    """Ids of teams; which of them there are is only asked when they count (`SetupForm.clean`)."""

    def valid_value(self, value: str) -> bool:
        return True


class SetupForm(forms.Form):
    """The settings as typed. The teams are drawn by the page, the key is never drawn."""

    api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=LONGEST_KEY,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "data-lpignore": "true"}
        ),
    )
    region = forms.ChoiceField(label="Region")
    is_active = forms.BooleanField(
        label="Active",
        required=False,
        help_text="Off: nothing new is looked for, until you choose Run Sync by hand.",
    )
    sync_content = forms.ChoiceField(
        label="Sync Content Option",
        choices=SyncContent.choices,
        widget=forms.RadioSelect,
        help_text=CONTENT_HELP,
    )
    default_lms = forms.ChoiceField(
        label="Group Default LMS Connection for Auto-Enrolling",
        choices=DefaultLms.choices,
        widget=forms.RadioSelect,
    )
    sync_all_groups = forms.ChoiceField(
        label="Sync All Groups",
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text=ALL_GROUPS_HELP,
    )
    teams = TeamsField(label="Groups to sync", required=False)

    def __init__(
        self,
        *args: Any,
        provider: Provider,
        known_teams: Iterable[str] = (),
        is_saving: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._provider = provider
        self._known_teams = frozenset(known_teams)
        self._is_saving = is_saving
        self.fields["region"].choices = [(r.key, r.label) for r in provider.regions()]
        self.fields["api_key"].help_text = provider.key_hint
        if not self.is_bound:
            self.fields["api_key"].widget.attrs["autofocus"] = True
        self.fields["default_lms"].help_text = DEFAULT_LMS_HELP.format(provider=provider.label)
        for name in ("sync_content", "default_lms", "sync_all_groups"):
            self.fields[name].required = is_saving

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        takes_teams = chosen.get("sync_content") == SyncContent.COURSES_USERS
        if self._is_saving and takes_teams and chosen.get("sync_all_groups") == "no":
            self._check_teams(chosen.get("teams", []))
        return chosen

    def _check_teams(self, ids: list[str]) -> None:
        if not ids:
            self.add_error("teams", NO_TEAM)
        elif not self._known_teams.issuperset(ids):
            self.add_error("teams", UNKNOWN_TEAM.format(provider=self._provider.label))

    def settings(self) -> ConnectionSettings:
        chosen = self.cleaned_data
        return ConnectionSettings(
            region=chosen["region"],
            is_active=chosen["is_active"],
            sync_content=chosen["sync_content"],
            default_lms=chosen["default_lms"],
            sync_all_groups=chosen["sync_all_groups"] == "yes",
            team_ids=chosen["teams"],
        )


def initial_of(connection: Connection | None) -> dict[str, Any]:
    """A new integration is offered as Active: Save then runs the first sync."""
    if connection is None:
        return {
            "is_active": True,
            "sync_content": SyncContent.COURSES_USERS,
            "default_lms": DefaultLms.NONE,
            "sync_all_groups": "yes",
        }
    return {
        "region": connection.region,
        "is_active": connection.is_active,
        "sync_content": connection.sync_content,
        "default_lms": connection.default_lms,
        "sync_all_groups": "yes" if connection.sync_all_groups else "no",
    }
