from django.urls import path

from targets.views import members, pages

app_name = "targets"
urlpatterns = [
    path("", pages.target_list, name="list"),
    path("<int:pk>/", pages.target_detail, name="detail"),
    path("<int:pk>/switch/", pages.switch, name="switch"),
    path("of-group/<int:pk>/", members.members, name="members"),
]
