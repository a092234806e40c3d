from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "generations"

    def ready(self) -> None:
        from accounts import usage
        from generations.engine import shutdown
        from generations.usage import held_slots

        usage.count_with(held_slots)
        shutdown.die_with_supervisor()
