from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "generations"

    def ready(self) -> None:
        from generations.engine import shutdown

        shutdown.die_with_supervisor()
