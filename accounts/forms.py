import zoneinfo
from datetime import datetime, timedelta
from functools import cache

from django import forms
from django.utils import timezone

from accounts.addresses import address_key
from accounts.models import Account, ApiToken, Role, Scope, User
from accounts.names import visible
from accounts.second_factor import has_factor

MOST_SEATS = 2_147_483_647


@cache
def time_zones() -> tuple[str, ...]:
    """The zones named after a place, and UTC: not the old aliases such as EST5EDT or Etc/GMT+5."""
    places = (
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )
    return ("UTC", *sorted(places))


class GeneralForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        widget=forms.Select({"data-tom-select": True}),
        help_text="The nightly Auto-Sync starts at midnight of this time zone.",
    )
    seat_limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_SEATS,
        help_text="How many active targets the account may have. Empty: no limit.",
    )

    class Meta:
        model = Account
        fields = ["name", "time_zone", "seat_limit", "seat_rule"]
        widgets = {"seat_rule": forms.RadioSelect}
        help_texts = {"seat_rule": "What a sync does when more people arrive than seats are free."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = dict.fromkeys([self.instance.time_zone, *time_zones()])
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in names]

    def clean_name(self) -> str:
        name = visible(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("The name holds only signs that can't be shown.")
        if Account.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Another account has this name. Choose a different one.")
        return name


class NotificationsForm(forms.ModelForm):
    class Meta:
        model = Account
        fields = ["account_manager_email", "is_quiet_sync_mailed", "is_drift_mailed"]
        help_texts = {
            "account_manager_email": "Gets the system e-mails, such as when a sync has finished. "
            "Empty: only who is listed for an e-mail gets it.",
            "is_drift_mailed": "Once a week every group whose Auto-Sync is off is compared with its "
            "team: who would join, who would leave. Nothing is changed.",
        }


class SecurityForm(forms.ModelForm):
    """`user` is who sends it: they must not lock themselves out."""

    class Meta:
        model = Account
        fields = ["is_mfa_required"]
        help_texts = {
            "is_mfa_required": "An Administrator without one sees nothing of the account until an app or a "
            "passkey is set up. API tokens go on working.",
        }

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_is_mfa_required(self) -> bool:
        is_wanted = self.cleaned_data["is_mfa_required"]
        if is_wanted and not has_factor(self._user):
            raise forms.ValidationError(
                "Set up a second factor of your own first, under Your account. "
                "Without it you would lock yourself out."
            )
        return is_wanted


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        help_texts = {"name": "How others see you: in lists, in the audit log, in invitations."}
        widgets = {"name": forms.TextInput({"autocomplete": "name"})}

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if not name.isprintable():
            raise forms.ValidationError("The name holds signs that can't be shown.")
        return name


class TokenForm(forms.Form):
    """`expires_at` is the moment that the chosen number of days comes to; None for never."""

    name = forms.CharField(
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text="What will use it, such as the name of the program.",
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=Scope.choices,
        initial=[Scope.ACTIONS_WRITE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may be used for."},
    )
    expires = forms.ChoiceField(
        label="Expires",
        choices=[("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never")],
        initial="365",
        required=False,
        help_text="Whoever uses it gets a new one before then.",
    )

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if not name.isprintable():
            raise forms.ValidationError("The name holds signs that can't be shown.")
        return name

    @property
    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["expires"]
        return timezone.now() + timedelta(days=int(days)) if days else None


ROLES = [
    (Role.VIEWER, "Viewer: sees groups, targets, courses and campaigns, and changes nothing"),
    (Role.ADMINISTRATOR, "Administrator: does everything, integrations and users included"),
]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=ROLES, widget=forms.RadioSelect)


class InvitationForm(RoleForm):
    email = forms.EmailField(
        label="E-mail",
        max_length=User._meta.get_field("email").max_length,
        help_text="They get a link there, and log in with this address.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("email", "role")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.VIEWER

    def clean_email(self) -> str:
        return address_key(self.cleaned_data["email"])
