from django.contrib.admin.apps import AdminConfig
from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"


class OperatorAdminConfig(AdminConfig):
    default_site = "accounts.operator_site.OperatorSite"
