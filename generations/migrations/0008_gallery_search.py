"""Fill what is copied from jobs onto their pictures, and make the full-text index of both databases."""

from django.db import migrations

from generations.gallery import fulltext

PORTION = 500


def fill(apps, schema_editor):
    from generations.gallery import facts
    from generations.models import Job as Current

    Image = apps.get_model("generations", "Image")
    known = {field.name for field in Image._meta.get_fields()}
    Job = apps.get_model("generations", "Job")
    last = 0
    while True:
        fields = ("id", "text", "lane", "verb", "button", "seed")
        rows = list(
            Job.objects.filter(id__gt=last, images__isnull=False).order_by("id").distinct().values(*fields)[:PORTION]
        )
        if not rows:
            return
        for row in rows:
            copied = {name: value for name, value in facts.of_job(Current(**row)).items() if name in known}
            Image.objects.filter(job_id=row["id"]).update(**copied)
        last = rows[-1]["id"]


class Migration(migrations.Migration):
    dependencies = [("generations", "0007_gallery")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(fulltext.install, migrations.RunPython.noop),
    ]
