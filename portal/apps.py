from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "portal"


class OperatorAdminConfig(AdminConfig):
    default_site = "accounts.operator_site.OperatorSite"
