from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        """Refuse to start with a rate or a region that can't be used, in whatever process."""
        from integrations import budget, registry

        budget.parse_rate(settings.LITMOS_RATE)
        try:
            for provider in registry.all_providers():
                provider.regions()
        except ValueError as error:
            raise ImproperlyConfigured(str(error)) from error
