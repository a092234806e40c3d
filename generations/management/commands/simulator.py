"""Runs the built-in simulator where the Sandbox account expects it."""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the UseAPI simulator on SIMULATOR_PORT, keeping its state in DATA_DIR."

    def handle(self, **options) -> None:
        command = [
            sys.executable, "-m", "midjourney.simulator",
            "--host", "127.0.0.1",
            "--port", str(settings.SIMULATOR_PORT),
            "--speed", str(settings.SIMULATOR_SPEED),
            "--state-dir", str(settings.DATA_DIR / "simulator"),
        ]  # fmt: skip
        os.execv(sys.executable, command)  # noqa: S606  # our own interpreter and our own module
