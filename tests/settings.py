"""Settings of the tests: keys of their own, a folder that goes away, and nothing slow for its own sake.

DATABASE_URL and REDIS_URL choose what they run on; without them it is SQLite and the ORM broker.
"""

import atexit
import base64
import os
import shutil
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="mjstudio-tests-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

os.environ["STUDIO_IGNORE_DOTENV"] = "1"
os.environ.setdefault("SECRET_KEY", "only-for-the-tests-" + "x" * 40)
os.environ.setdefault("TOKEN_KEYS", base64.urlsafe_b64encode(b"only-for-the-tests-only-for-test").decode())
os.environ["DATA_DIR"] = _FOLDER
os.environ["EMAIL_URL"] = "memorymail://"
os.environ.setdefault("LOG_LEVEL", "INFO")

from mjstudio.settings import *  # noqa: E402, F403
from mjstudio.settings import CACHES, DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, because the engine's threads and processes have connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_FOLDER, "test.sqlite3")}

# The engine's threads outlive a test; their connections must not, or the test database cannot be dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": False}  # pytest captures; passing tests stay quiet

# The engine's patience, scaled to a simulator whose clock runs fast. Single tests say what they need.
ENGINE_TIMING = {"tick": 0.1, "idle_tick": 0.5, "submit_gap": 0.0, "progress_gap": 0.1, "backoff_base": 0.1}
PUMP_SECONDS = 5
