"""Settings of the studio's processes under chaos: its own, waiting times for a fast simulator, and pids in the log.

CHAOS_TIMING holds values of `generations.engine.timing.Timing` as JSON.
"""

import json
import os

from mjstudio import settings as usual
from mjstudio.settings import *  # noqa: F403

ENGINE_TIMING = json.loads(os.environ.get("CHAOS_TIMING", "{}"))
# Which process runs the pump can be told from the pid in its line.
LINE = {
    "()": "mjstudio.redaction.RedactingFormatter",
    "format": "{created:.3f} {process} {levelname} {name} {message}",
    "style": "{",
}
LOGGING = {**usual.LOGGING, "formatters": {"line": LINE}}
