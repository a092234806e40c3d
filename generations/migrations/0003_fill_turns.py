"""Give the jobs that were there before lines and kinds a place in line and a kind."""

from django.db import migrations
from django.db.models import F

from generations import kinds
from midjourney import prompt as language

CHUNK = 500


def fill(apps, schema_editor):
    Job = apps.get_model("generations", "Job")
    Share = apps.get_model("generations", "Share")
    Job.objects.update(turn_at=F("created_at"))
    several = []
    for job in Job.objects.filter(kind="", verb="imagine").only("text").iterator(chunk_size=CHUNK):
        job.kind = kinds.of_prompt(language.parse(job.text))
        several.append(job)
        if len(several) == CHUNK:
            Job.objects.bulk_update(several, ["kind"])
            several = []
    Job.objects.bulk_update(several, ["kind"])
    places = Job.objects.filter(status="queued").order_by().values_list("account_id", "lane", "owner_id").distinct()
    Share.objects.bulk_create(
        [Share(account_id=account, lane=lane, owner_id=owner) for account, lane, owner in places], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("generations", "0002_batches_turns_and_budgets")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
