"""Give the jobs that were there before a family, a place on their parent and a fingerprint."""

from django.db import migrations

from generations import fingerprints

CHUNK = 500


def fill(apps, schema_editor):
    Job = apps.get_model("generations", "Job")
    roots = {}
    for job in Job.objects.exclude(parent=None).only("parent", "button").order_by("pk").iterator(chunk_size=CHUNK):
        roots[job.pk] = roots.get(job.parent_id, job.parent_id)  # a parent was always made before its child
        digit = job.button[1:]
        position = int(digit) if job.button[:1] in "UV" and digit in {"1", "2", "3", "4"} else 0
        Job.objects.filter(pk=job.pk).update(root_id=roots[job.pk], parent_position=position)
    several = []
    for job in Job.objects.filter(verb="imagine").only("text").order_by("pk").iterator(chunk_size=CHUNK):
        job.fingerprint = fingerprints.of_prompt(job.text)
        several.append(job)
        if len(several) == CHUNK:
            Job.objects.bulk_update(several, ["fingerprint"])
            several = []
    Job.objects.bulk_update(several, ["fingerprint"])


class Migration(migrations.Migration):
    dependencies = [("generations", "0004_actions_and_references")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
