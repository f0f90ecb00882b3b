from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from integrations.services import register_dependant
        from training.services.dependant import OpenEnrollments

        register_dependant(OpenEnrollments())
