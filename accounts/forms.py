import zoneinfo
from functools import cache

from django import forms

from accounts.models import Account

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
        name = self.cleaned_data["name"]
        if Account.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Another account has this name. Choose a different one.")
        return name


class NotificationsForm(forms.ModelForm):
    class Meta:
        model = Account
        fields = ["account_manager_email", "is_quiet_sync_mailed", "is_drift_mailed"]
        help_texts = {
            "account_manager_email": "Gets an e-mail when a sync has finished. Empty: nobody does.",
            "is_drift_mailed": "Once a week every group whose Auto-Sync is off is compared with its "
            "team: who would join, who would leave. Nothing is changed.",
        }
