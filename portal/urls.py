from django.contrib import admin
from django.urls import include, path

from portal.api.problems import not_found
from portal.api.urls import guide
from portal.api.urls import urls as api_urls

urlpatterns = [
    path("", include("portal.page_urls")),
    path("", include("accounts.log_in_urls")),
    path("", include("accounts.urls")),
    path("administration/api/webhooks/", include("webhooks.urls")),
    path("", include("training.urls")),
    path("groups/", include("groups.urls")),
    path("targets/", include("targets.urls")),
    path("", include("integrations.urls")),
    path("api/v1/", api_urls),
    path("administration/api/calls/", guide, name="api_guide"),
    path("api/<path:rest>", not_found),
    path("admin/", admin.site.urls),
]
