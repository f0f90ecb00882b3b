"""The operator looks here; changes are made in the Portal, where they are checked."""

from django.contrib import admin
from django.http import HttpRequest

from integrations.models import Connection, Course, SyncRun


class LookOnly(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Connection)
class ConnectionAdmin(LookOnly):
    """The key, sealed or not, is no field of the page."""

    list_display = ("account", "provider", "region", "is_active", "people_good_at")
    list_filter = ("provider", "is_active")
    list_select_related = ("account",)
    search_fields = ("account__name",)
    exclude = ("thresholds",)


@admin.register(SyncRun)
class SyncRunAdmin(LookOnly):
    list_display = ("id", "account", "trigger", "status", "phase", "calls", "created_at")
    list_filter = ("status", "trigger")
    list_select_related = ("account",)
    search_fields = ("account__name", "error_code")


@admin.register(Course)
class CourseAdmin(LookOnly):
    list_display = ("name", "code", "account", "is_active")
    list_select_related = ("account",)
    search_fields = ("name", "code", "account__name")
