from django import template

from groups.sources import source_label

register = template.Library()
register.filter("source_label", source_label)
