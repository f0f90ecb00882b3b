from django.urls import path

from accounts import audit_views, token_views, views

app_name = "accounts"
urlpatterns = [
    path("administration/account/", views.settings, name="settings"),
    path("administration/account/notifications/", views.notifications, name="notifications"),
    path("administration/audit/", audit_views.audit_log, name="audit"),
    path("administration/audit/audit.csv", audit_views.audit_csv, name="audit_csv"),
    path("administration/api/", token_views.token_list, name="api"),
    path("administration/api/new/", token_views.make, name="new_token"),
    path("administration/api/<int:pk>/revoke/", token_views.revoke, name="revoke_token"),
    path("account/switch/", views.switch, name="switch"),
]
