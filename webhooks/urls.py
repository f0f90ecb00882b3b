from django.urls import path

from webhooks import log_views, views

app_name = "webhooks"
urlpatterns = [
    path("", views.webhook_list, name="list"),
    path("new/", views.add, name="add"),
    path("<int:pk>/", log_views.log, name="log"),
    path("<int:pk>/events.csv", log_views.log_csv, name="log_csv"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/secret/", views.secret, name="secret"),
    path("<int:pk>/switch/", views.switch, name="switch"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("<int:pk>/test/", log_views.test, name="test"),
    path("<int:pk>/events/<int:delivery_pk>/send/", log_views.send_again, name="send_again"),
]
