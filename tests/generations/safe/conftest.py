"""Studios of their own for the tests of backups, and an S3 service on this machine."""

import shutil
from pathlib import Path

import pytest

from tests.generations.safe.databases import Databases
from tests.generations.safe.studios import Studio


@pytest.fixture
def databases(tmp_path):
    found = Databases(tmp_path)
    yield found
    found.drop()


@pytest.fixture
def new_studio(tmp_path, databases):
    """Makes studios without tables or files."""
    count = iter(range(99))
    return lambda **options: Studio(tmp_path / f"studio{next(count)}", databases.new(), **options)


@pytest.fixture(scope="session")
def model(tmp_path_factory, django_db_setup, django_db_blocker):
    """A studio with a member, pictures and a reference, and a backup of it; both to be copied."""
    folder = tmp_path_factory.mktemp("model")
    databases = Databases(folder)
    with django_db_blocker.unblock():
        made = Studio(folder / "studio", databases.migrated())
        made.fill(team="Team")
        made.report("backup", str(folder / "backups"))
    yield made, folder / "backups"
    databases.drop()


@pytest.fixture
def model_studio(model) -> Studio:
    """The model itself, for tests that leave it as it is."""
    return model[0]


@pytest.fixture
def studio(model, tmp_path, databases) -> Studio:
    """A copy of the model."""
    first, _ = model
    shutil.copytree(first.folder, tmp_path / "studio")
    return Studio(tmp_path / "studio", databases.new(like=first.database))


@pytest.fixture
def kept(model, tmp_path) -> Path:
    """A backup of the studio."""
    return Path(shutil.copytree(model[1], tmp_path / "backups"))
