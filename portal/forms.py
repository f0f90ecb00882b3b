from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Every field of every form, allauth's included, is drawn by templates/forms/field.html."""

    field_template_name = "forms/field.html"
