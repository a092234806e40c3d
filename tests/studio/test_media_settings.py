"""Where pictures are kept follows from the environment, and what cannot work stops the start."""

import pytest

from mjstudio import media
from mjstudio.environment import Env

S3 = {"MEDIA_URL_BACKEND": "s3", "MEDIA_S3_BUCKET": "studio"}


@pytest.fixture
def storage(monkeypatch):
    def found(**environment: str) -> dict:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return media.storage(Env())

    return found


def test_without_settings_pictures_are_private_files(storage):
    assert storage() == {"BACKEND": "generations.media.storages.MediaFiles"}


def test_a_bucket_needs_no_more_than_its_name(storage):
    found = storage(**S3)
    assert found["BACKEND"] == "generations.media.bucket.MediaBucket"
    assert (found["OPTIONS"]["bucket_name"], found["OPTIONS"]["location"]) == ("studio", "media")
    assert not any(found["OPTIONS"][name] for name in ("endpoint_url", "region_name", "access_key", "secret_key"))


def test_another_service_is_named_by_address_and_keys_of_which_each_may_be_in_a_file(storage, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    found = storage(
        **S3, MEDIA_S3_PREFIX="/a/b/", MEDIA_S3_ENDPOINT_URL="https://s3.example.org", MEDIA_S3_REGION="x",
        MEDIA_S3_ACCESS_KEY_ID="me", MEDIA_S3_SECRET_ACCESS_KEY_FILE=str(secret),
    )["OPTIONS"]  # fmt: skip
    assert (found["location"], found["endpoint_url"]) == ("a/b", "https://s3.example.org")
    assert (found["region_name"], found["access_key"], found["secret_key"]) == ("x", "me", "hidden")


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"MEDIA_URL_BACKEND": "s3"}, "MEDIA_S3_BUCKET"),
        ({**S3, "SENDFILE": "x-sendfile"}, "SENDFILE"),
        ({**S3, "MEDIA_S3_ENDPOINT_URL": "s3.example.org"}, "MEDIA_S3_ENDPOINT_URL"),
    ],
)
def test_what_cannot_work_stops_the_start_with_one_line_that_names_the_setting(storage, capsys, environment, named):
    with pytest.raises(SystemExit):
        storage(**environment)
    [line] = capsys.readouterr().err.splitlines()
    assert named in line
