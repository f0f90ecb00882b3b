"""Logging in and out at short addresses, and the few other pages of allauth that are used."""

from allauth.account import urls, views
from django.urls import include, path

USED = {
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("accounts/", include([url for url in urls.urlpatterns if url.name in USED])),
]
