from __future__ import annotations

from django import forms
from django.db.models import Q, QuerySet

from groups.models import Group
from groups.sources import source_label
from integrations.models import Course
from training.models import FAILING_KINDS, Campaign, RepeatRule
from training.models.campaign import LARGEST_NUMBER, MOST_DAYS, MOST_MINUTES
from training.models.repeat import FEWEST_FAILURES, MOST_FAILURES


def searchable() -> forms.SelectMultiple:
    return forms.SelectMultiple(attrs={"size": 8, "data-tom-select": ""})


def course_label(course: Course) -> str:
    label = f"{course.name} · {source_label(course.connection.provider)}"
    if course.gone_at:
        return f"{label} (no longer there)"
    return label if course.is_active else f"{label} (inactive)"


class CourseChoice(forms.ModelChoiceField):
    def label_from_instance(self, course: Course) -> str:
        return course_label(course)


class CourseChoices(forms.ModelMultipleChoiceField):
    def label_from_instance(self, course: Course) -> str:
        return course_label(course)


class CampaignForm(forms.Form):
    name = forms.CharField(max_length=200)
    groups = forms.ModelMultipleChoiceField(
        queryset=None,
        widget=searchable(),
        help_text="Without scripts: hold Ctrl or ⌘ to choose several.",
    )
    courses = CourseChoices(
        queryset=None,
        widget=searchable(),
        help_text="Whoever fails is enrolled in each of them.",
    )
    failing = forms.MultipleChoiceField(
        label="Counts as failing",
        choices=[(kind.value, kind.label) for kind in FAILING_KINDS],
        widget=forms.CheckboxSelectMultiple,
    )
    waiting_minutes = forms.IntegerField(
        label="Waiting time in minutes",
        min_value=0,
        max_value=MOST_MINUTES,
        help_text="An action that turns out to be a bot's in this time enrols nobody.",
    )
    not_again_days = forms.IntegerField(
        label="Not again within days",
        min_value=0,
        max_value=MOST_DAYS,
        help_text="Nobody gets the same course twice within so many days.",
    )
    is_mailed = forms.BooleanField(
        label="The LMS sends its own e-mail",
        required=False,
        help_text="At most one an hour and person.",
    )

    gophish_number = forms.IntegerField(
        label="Number of the campaign in GoPhish",
        required=False,
        min_value=1,
        max_value=LARGEST_NUMBER,
        help_text="GoPhish tells each webhook about all of its campaigns. With a number, only what"
        " comes from that one counts: it stands in the address of the campaign's page in GoPhish.",
    )

    def __init__(self, *args, campaign: Campaign, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self.fields["groups"].queryset = _groups(Q(campaigns=campaign.pk), campaign)
        self.fields["courses"].queryset = _courses(Q(campaigns=campaign.pk), campaign)


def initial_of(campaign: Campaign) -> dict[str, object]:
    names = ("name", "failing", "waiting_minutes", "not_again_days", "is_mailed", "gophish_number")
    values: dict[str, object] = {name: getattr(campaign, name) for name in names}
    if campaign.pk:
        values |= {"groups": campaign.groups.all(), "courses": campaign.courses.all()}
    return values


class RepeatRuleForm(forms.Form):
    name = forms.CharField(max_length=200)
    failures = forms.IntegerField(
        label="Failed campaigns",
        min_value=FEWEST_FAILURES,
        max_value=MOST_FAILURES,
        help_text="Failing one campaign several times counts once.",
    )
    days = forms.IntegerField(label="Within days", min_value=1, max_value=MOST_DAYS)
    courses = CourseChoices(
        queryset=None,
        widget=searchable(),
        help_text="Whoever fails that often is enrolled in each of them, beside the campaign's own.",
    )
    groups = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        widget=searchable(),
        help_text="None: the rule is about everybody.",
    )
    not_again_days = forms.IntegerField(
        label="Not again within days",
        min_value=0,
        max_value=MOST_DAYS,
        help_text="Nobody gets the same course twice within so many days.",
    )
    is_active = forms.BooleanField(label="On", required=False)

    def __init__(self, *args, rule: RepeatRule, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = _groups(Q(repeat_rules=rule.pk), rule)
        self.fields["courses"].queryset = _courses(Q(repeat_rules=rule.pk), rule)


def initial_of_rule(rule: RepeatRule) -> dict[str, object]:
    names = ("name", "failures", "days", "not_again_days", "is_active")
    values: dict[str, object] = {name: getattr(rule, name) for name in names}
    if rule.pk:
        values |= {"groups": rule.groups.all(), "courses": rule.courses.all()}
    return values


class ReplaceForm(forms.Form):
    course = CourseChoice(
        label="Course to take its place",
        queryset=None,
        empty_label="Choose a course …",
    )
    moves_people = forms.BooleanField(
        label="Also for people who wait for it, or could not be enrolled because of it",
        required=False,
        initial=True,
        help_text="In campaigns that are running. Who has the new course already is left out.",
    )

    def __init__(self, *args, courses: QuerySet[Course], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses


class InsightsForm(forms.Form):
    """What can't be chosen counts as not chosen."""

    campaign = forms.ModelChoiceField(queryset=None, required=False, empty_label="Every campaign")
    group = forms.ModelChoiceField(queryset=None, required=False, empty_label="Every group")
    days = forms.TypedChoiceField(
        label="Period",
        required=False,
        coerce=int,
        choices=[(90, "90 days"), (30, "30 days"), (365, "A year")],
        empty_value=90,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = Campaign.objects.order_by("name", "pk")
        self.fields["group"].queryset = Group.objects.filter(is_archived=False).order_by("name_key")
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def chosen(self) -> dict[str, object]:
        self.full_clean()
        found = {name: self.cleaned_data.get(name) for name in ("campaign", "group")}
        return {**found, "days": self.cleaned_data.get("days") or 90}


def _groups(used: Q, by: Campaign | RepeatRule) -> QuerySet[Group]:
    """Archived ones only where they are chosen already."""
    chosen = used if by.pk else Q(pk__in=[])
    return Group.objects.filter(Q(is_archived=False) | chosen).distinct().order_by("name_key")


def _courses(used: Q, by: Campaign | RepeatRule) -> QuerySet[Course]:
    """Inactive and gone ones only where they are chosen already."""
    chosen = used if by.pk else Q(pk__in=[])
    there = Q(is_active=True, gone_at=None)
    found = Course.objects.filter(there | chosen).distinct()
    return found.select_related("connection").order_by("name", "pk")
