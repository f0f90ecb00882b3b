from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()

CLASSES = {
    "checkbox": "form-check-input",
    "select": "form-select",
    "selectmultiple": "form-select",
    "nullbooleanselect": "form-select",
}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Draw the field's own control with the classes the style sheet knows."""
    given = field.field.widget.attrs.get("class", "")
    names = [CLASSES.get(field.widget_type, "form-control"), given]
    if field.errors:
        names.append("is-invalid")
    return field.as_widget(attrs={"class": " ".join(filter(None, names))})
