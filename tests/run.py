"""`make test`: every check there is, one after the other, and at the end what could not be run and why.

With REQUIRE_ALL=1 a check that could not be run is a failure. DATABASE_URL and the like of the caller are not used;
TEST_DATABASE_URL and TEST_REDIS_URL say where the tests may make databases and flush, CHROMIUM which browser to drive.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests import machine

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
CALLERS_OWN = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "SECRET_KEY", "TOKEN_KEYS", "PUBLIC_URL", "PORT", "EMAIL_URL")
# The studios that other tests of tests/studio install have a SQLite file of their own, whatever the tests run on.
WITH_DATABASE = ["tests/accounts", "tests/generations", "tests/studio/test_access.py"]


@dataclass
class Report:
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def check(self, name: str, *command: str, **environment: str) -> None:
        """Run one command; its output goes straight to the terminal."""
        print(f"\n── {name}", flush=True)  # noqa: T201
        began = time.monotonic()
        code = subprocess.run(
            [PYTHON, "-m", *command], cwd=ROOT, env=_environment(**environment), check=False
        ).returncode
        print(f"   {'ok' if code == 0 else f'FAILED ({code})'}, {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
        if code:
            self.failed.append(name)

    def skip(self, name: str, reason: str) -> None:
        self.skipped.append(f"{name}: {reason}")

    def conclude(self) -> int:
        print("\n── Result")  # noqa: T201
        for name in self.failed:
            print(f"   failed   {name}")  # noqa: T201
        for line in self.skipped:
            print(f"   not run  {line}")  # noqa: T201
        if not self.failed and not self.skipped:
            print("   everything ran and passed")  # noqa: T201
        must_run = os.environ.get("REQUIRE_ALL") == "1"
        return 1 if self.failed or (self.skipped and must_run) else 0


def _environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in CALLERS_OWN}
    return {**kept, "STUDIO_IGNORE_DOTENV": "1", "DJANGO_SETTINGS_MODULE": "tests.settings", **extra}


def main() -> int:
    report = Report()
    report.check("formatting", "ruff", "format", "--check", ".")
    report.check("lint", "ruff", "check", ".")
    report.check("types", "mypy")
    report.check("system checks", "django", "check", "--fail-level", "WARNING")
    report.check(
        "system checks for deployment", "django", "check", "--deploy", "--fail-level", "WARNING",
        PUBLIC_URL="https://studio.example.org",
    )  # fmt: skip
    report.check("migrations", "django", "makemigrations", "--check", "--dry-run")
    cores = max(2, os.cpu_count() or 2)
    # Many tests wait for what they watch, and a browser for its pages: there is room for more than one a core.
    tests = ["pytest", "-n", str(cores * 3 // 2), "--dist", "worksteal", "-m", "not browser"]
    report.check("tests on SQLite", *tests)

    database, redis = machine.postgresql_url(), machine.redis_url()
    name = "tests on PostgreSQL with the Redis broker"
    if database and redis:
        report.check(name, *tests, *WITH_DATABASE, DATABASE_URL=database, REDIS_URL=redis)
    else:
        missing = " and ".join(name for name, url in [("PostgreSQL", database), ("Redis", redis)] if not url)
        report.skip(name, f"{missing} does not answer (TEST_DATABASE_URL, TEST_REDIS_URL)")

    if machine.chromium():
        # One by one in their order, which is the longest first.
        alone = ["--dist", "load", "--maxschedchunk", "1"]
        report.check("tests in the browser", "pytest", "-n", str(cores), *alone, "-m", "browser")
    else:
        report.skip("tests in the browser", "no Chromium was found (CHROMIUM)")
    return report.conclude()


if __name__ == "__main__":
    sys.exit(main())
