from django.urls import path

from targets.views import bulk, by_hand, importing, members, pages

app_name = "targets"
urlpatterns = [
    path("", pages.target_list, name="list"),
    path("<int:pk>/", pages.target_detail, name="detail"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("new/", by_hand.add, name="new"),
    path("import/", importing.upload, name="import"),
    path("import/<int:pk>/columns/", importing.columns, name="import_columns"),
    path("import/<int:pk>/", importing.preview, name="import_preview"),
    path("import/<int:pk>/rows-to-mend.csv", importing.errors, name="import_errors"),
    path("targets.csv", pages.export, name="export"),
    path("<int:pk>/edit/", by_hand.edit, name="edit"),
    path("<int:pk>/groups/", by_hand.join, name="join"),
    path("<int:pk>/switch/", pages.switch, name="switch"),
    path("of-group/<int:pk>/", members.members, name="members"),
]
