from django.contrib import admin

from groups.models import Group


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    list_display = ("name", "account", "source", "auto_sync", "smart_sync", "locked", "is_archived")
    list_filter = ("source", "auto_sync", "locked", "is_archived")
    list_select_related = ("account",)
    search_fields = ("name", "account__name")
    raw_id_fields = ("account",)
