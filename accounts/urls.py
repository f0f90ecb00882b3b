from django.urls import path

from accounts import audit_views, own_views, token_views, user_views, views

app_name = "accounts"
urlpatterns = [
    path("administration/account/", views.settings, name="settings"),
    path("administration/account/notifications/", views.notifications, name="notifications"),
    path("administration/account/security/", views.security, name="security"),
    path("administration/users/", user_views.user_list, name="users"),
    path("administration/users/users.csv", user_views.users_csv, name="users_csv"),
    path("administration/users/invite/", user_views.invite, name="invite_user"),
    path("administration/users/<int:pk>/role/", user_views.change, name="user_role"),
    path("administration/users/<int:pk>/remove/", user_views.remove, name="remove_user"),
    path("administration/users/<int:pk>/factor/", user_views.reset_factor, name="reset_factor"),
    path("administration/users/<int:pk>/send/", user_views.send_again, name="send_invitation"),
    path("administration/audit/", audit_views.audit_log, name="audit"),
    path("administration/audit/audit.csv", audit_views.audit_csv, name="audit_csv"),
    path("administration/api/", token_views.token_list, name="api"),
    path("administration/api/new/", token_views.make, name="new_token"),
    path("administration/api/<int:pk>/revoke/", token_views.revoke, name="revoke_token"),
    path("account/", own_views.own_account, name="own"),
    path("account/sessions/end/", own_views.end_other_sessions, name="end_other_sessions"),
    path("account/sessions/<int:pk>/end/", own_views.end_session, name="end_session"),
    path("account/invitations/<int:pk>/accept/", own_views.accept, name="accept_invitation"),
    path("account/invitations/<int:pk>/decline/", own_views.decline, name="decline_invitation"),
    path("account/switch/", views.switch, name="switch"),
]
