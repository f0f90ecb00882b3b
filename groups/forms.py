from __future__ import annotations

from django import forms

from accounts.models import Account
from groups.models import Group
from groups.names import name_key
from groups.selectors import group_of_name

TAKEN = "There is a group of this name already. Choose another name, or rename that group first."
TAKEN_ARCHIVED = (
    "An archived group has this name. Restore that one under Manage Groups (status Archived), "
    "or choose another name."
)
NO_SOURCE = "This group was made by hand: there is no source for it to follow."


class GroupNameForm(forms.Form):
    name = forms.CharField(max_length=255)

    def __init__(self, *args, account: Account, group: Group | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.group = group

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if len(name_key(name)) > 255:
            raise forms.ValidationError("This name is too long. Use a shorter one.")
        taken = group_of_name(account=self.account, name=name, besides=self.group)
        if taken:
            raise forms.ValidationError(TAKEN_ARCHIVED if taken.is_archived else TAKEN)
        return name

    def refuse_taken_name(self) -> None:
        """Say what `clean_name` could not see: somebody else took the name in between."""
        self.add_error("name", TAKEN)


class SwitchesForm(forms.ModelForm):
    class Meta:
        model = Group
        fields = ("auto_sync", "smart_sync", "locked")
        help_texts = {
            "auto_sync": "The group follows its source every night, also while the "
            "integration's Active is No.",
            "smart_sync": "Who joins the group also joins the campaigns already running on it.",
            "locked": "Nothing syncs this group, neither by hand nor by night.",
        }

    def __init__(self, *args, is_editable: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for switch in self.fields.values():
            switch.disabled = not is_editable
        if not self.instance.source:
            self.fields["auto_sync"].disabled = True
            self.fields["auto_sync"].help_text = NO_SOURCE
