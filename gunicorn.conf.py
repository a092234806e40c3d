"""gunicorn: one process of threads by default; the work is in the worker, the web only reads and writes rows."""

import os
import threading
import time
import urllib.error
import urllib.request

from mjstudio import environment

environment.read_dotenv()
_host = os.environ.get("HOST", "127.0.0.1")
_port = os.environ.get("STUDIO_PORT") or os.environ.get("PORT", "8000")
bind = f"{_host}:{_port}"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
graceful_timeout = 3
timeout = 60
keepalive = 5
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  # heartbeats off the disk
control_socket_disable = True


def post_worker_init(worker) -> None:
    # Not earlier: a thread in the main process would be cut off by the fork of the workers, with the locks it holds.
    if worker.age == 1:
        threading.Thread(target=_announce, daemon=True).start()


def _announce() -> None:
    """Print the address once the site really answers there."""
    url = os.environ.get("PUBLIC_URL") or f"http://{_host}:{_port}"
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://{_host}:{_port}/health/", timeout=2):
                break
        except urllib.error.HTTPError:
            break  # it answers; what it says is for /health/ to tell
        except OSError:
            time.sleep(0.2)
    print(f"\n  The studio is ready: {url}\n", flush=True)  # noqa: T201
