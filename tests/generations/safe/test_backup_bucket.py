"""A bucket of an S3 service keeps backups as a folder does."""

import pytest

from tests.generations.safe.studios import EACH

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_what_was_wiped_comes_back_from_a_bucket_as_it_was(model_studio, new_studio, bucket):
    address = f"s3://{bucket.name}/studio"
    again = new_studio(keys=model_studio.keys)
    made = model_studio.report("backup", address)
    assert made["new_files"] == 3 * EACH
    assert model_studio.report("backup", address)["new_files"] == 0
    assert model_studio.report("backup_drill", address)["ok"]
    assert again.report("restore", address)["files_written"] == 3 * EACH
    assert again.contents() == model_studio.contents()
    assert again.rows() == model_studio.rows()


def test_damage_and_loss_in_a_bucket_are_found_by_the_drill_and_stop_a_restore(model_studio, new_studio, bucket):
    address = f"s3://{bucket.name}"
    model_studio.report("backup", address)
    hurt, gone = bucket.entries("files/")[:2]
    bucket.put(hurt["Key"], b"x" * hurt["Size"])
    bucket.delete(gone["Key"])
    drilled = model_studio.manage("backup_drill", address)
    assert drilled.returncode == 1
    assert f"{hurt['Key']} is damaged" in drilled.stdout
    assert f"{gone['Key']} is missing" in drilled.stdout
    again = new_studio()
    assert "nothing was changed" in again.manage("restore", address).stderr
    assert not again.media.exists() or again.contents() == {}


def test_a_backup_to_a_bucket_without_its_manifest_is_none(model_studio, bucket):
    address = f"s3://{bucket.name}/studio"
    model_studio.report("backup", address)
    bucket.delete("studio/manifest.json")
    for command in (["backup_drill"], ["restore", "--yes"]):
        refused = model_studio.manage(*command, address)
        assert refused.returncode
        assert "no finished backup" in refused.stderr


def test_a_bucket_that_is_not_there_is_named(model_studio, bucket):
    refused = model_studio.manage("backup", "s3://nowhere/studio")
    assert refused.returncode
    assert "s3://nowhere/studio cannot be used: the service says NoSuchBucket" in refused.stderr


def test_a_service_that_does_not_answer_is_named(model_studio, bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("generations.backups.bucket.SETTINGS.retries", {"max_attempts": 1})
    refused = model_studio.manage("backup", "s3://nowhere/studio")
    assert refused.returncode
    assert "s3://nowhere/studio cannot be used" in refused.stderr
