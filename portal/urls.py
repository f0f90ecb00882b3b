from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("portal.page_urls")),
    path("", include("accounts.log_in_urls")),
    path("", include("accounts.urls")),
    path("", include("training.urls")),
    path("groups/", include("groups.urls")),
    path("targets/", include("targets.urls")),
    path("", include("integrations.urls")),
    path("admin/", admin.site.urls),
]
