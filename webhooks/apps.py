from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from webhooks import tasks
        from webhooks.services.emitting import due

        due.connect(tasks.wake_each)
