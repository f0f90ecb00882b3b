"""How templates/forms/field.html draws each kind of control."""

import re

import pytest
from django import forms

TYPED = {"text": "", "choice": "B", "many": [], "long": "", "tick": "", "kind": "B", "kinds": ["A"]}
AB = [("A", "Apple"), ("B", "<b>Pear</b>")]


class Sampler(forms.Form):
    text = forms.CharField(help_text="Any <text>.")
    choice = forms.ChoiceField(choices=AB, widget=forms.Select({"class": "mine"}))
    many = forms.MultipleChoiceField(choices=AB)
    long = forms.CharField(widget=forms.Textarea, required=False)
    tick = forms.BooleanField(help_text="Tick it.")
    kind = forms.ChoiceField(choices=AB, widget=forms.RadioSelect, help_text="One.")
    kinds = forms.MultipleChoiceField(choices=AB, widget=forms.CheckboxSelectMultiple)
    hidden = forms.CharField(widget=forms.HiddenInput, initial="x")


def drawn(name: str, form: forms.Form) -> str:
    return re.sub(r"\s+", " ", form[name].as_field_group()).strip()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text", "form-control"),
        ("choice", "form-select mine"),
        ("many", "form-select"),
        ("long", "form-control"),
        ("tick", "form-check-input"),
    ],
)
def test_each_control_has_its_label_and_class(name, expected):
    html = drawn(name, Sampler())
    assert f'class="{expected}"' in html
    assert f'for="id_{name}"' in html
    assert f'id="id_{name}"' in html


def test_help_and_errors_are_tied_to_their_control_and_escaped():
    html = drawn("text", Sampler(TYPED))
    assert 'aria-describedby="id_text_helptext id_text_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_text_error"><p class="m-0">This field is required.</p>' in html
    assert 'id="id_text_helptext">Any &lt;text&gt;.</div>' in html


def test_groups_of_choices_are_fieldsets_with_a_legend():
    html = drawn("kind", Sampler(TYPED))
    assert '<fieldset class="mb-3" aria-describedby="id_kind_helptext">' in html
    assert "Kind</legend>" in html
    assert re.findall(r'type="radio" name="kind" value="(.)"([^>]*)>', html) == [
        ("A", ' id="id_kind_0" required'),
        ("B", ' id="id_kind_1" required checked'),
    ]
    assert "&lt;b&gt;Pear&lt;/b&gt;" in html
    boxes = re.findall(
        r'type="checkbox" name="kinds" value="(.)"([^>]*)>', drawn("kinds", Sampler(TYPED))
    )
    assert boxes == [("A", ' id="id_kinds_0" checked'), ("B", ' id="id_kinds_1"')]


def test_a_tick_box_is_a_switch_with_its_notes():
    html = drawn("tick", Sampler(TYPED))
    assert "form-check form-switch" in html
    assert 'id="id_tick_error"' in html
    assert "Tick it." in html


def test_a_hidden_field_is_only_its_control():
    assert (
        drawn("hidden", Sampler()) == '<input type="hidden" name="hidden" value="x" id="id_hidden">'
    )
