from django.urls import path

from groups.views import lists, pages

app_name = "groups"
urlpatterns = [
    path("", lists.group_list, name="list"),
    path("bulk/", lists.bulk, name="bulk"),
    path("export.csv", lists.export, name="export"),
    path("new/", pages.create, name="new"),
    path("<int:pk>/", pages.group_detail, name="detail"),
    path("<int:pk>/switches/", pages.switches, name="switches"),
    path("<int:pk>/rename/", pages.rename, name="rename"),
]
