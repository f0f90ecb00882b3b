from django.contrib import admin
from django.urls import include, path

from portal.api.problems import not_found
from portal.api.urls import api

urlpatterns = [
    path("", include("portal.page_urls")),
    path("", include("accounts.log_in_urls")),
    path("", include("accounts.urls")),
    path("administration/api/webhooks/", include("webhooks.urls")),
    path("", include("training.urls")),
    path("groups/", include("groups.urls")),
    path("targets/", include("targets.urls")),
    path("", include("integrations.urls")),
    path("api/v1/", api.urls),
    path("api/<path:rest>", not_found),
    path("admin/", admin.site.urls),
]
