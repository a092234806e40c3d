"""The templates that come with the studio. Nobody owns them; everybody can use and copy them."""

from django.db import migrations

STARTERS = (
    ("Landscape", "image", "{{place}} under a wide sky, {{light}}, layered distance, fine atmospheric haze --ar 16:9"),
    ("Portrait", "image", "portrait of {{person}}, {{mood}} expression, window light, 85mm lens, shallow focus --ar 4:5"),
    ("Concept art", "image", "concept art of {{subject}}, {{world}}, bold silhouette, painterly brushwork, key light --ar 16:9 --stylize 250"),
    ("Photo", "image", "photograph of {{subject}}, {{setting}}, natural light, 35mm, true colours, fine grain --ar 3:2 --raw"),
    ("Product", "image", "studio photograph of {{product}} on {{surface}}, soft box light, gentle shadow, clean background --ar 1:1 --raw"),
    ("Pattern", "image", "seamless pattern of {{motif}}, {{technique}}, two colours --ar 1:1 --tile"),
    ("Drone shot", "video", "{{first frame}} slow aerial drone shot over {{place}}, rising and drifting forward --video --motion low"),
    ("Fluid motion", "video", "{{first frame}} {{subject}} moves in one fluid, continuous motion, camera follows --video --motion high"),
    ("Timelapse", "video", "{{first frame}} timelapse of {{what changes}}, fixed camera, light wanders across the scene --video --motion high"),
    ("Macro", "video", "{{first frame}} extreme macro of {{subject}}, focus glides slowly across the surface --video --motion low"),
)  # fmt: skip


def add(apps, schema_editor):
    PromptTemplate = apps.get_model("generations", "PromptTemplate")
    for name, kind, text in STARTERS:
        PromptTemplate.objects.get_or_create(
            owner=None, name=name, defaults={"kind": kind, "text": text, "is_shared": True}
        )


class Migration(migrations.Migration):
    dependencies = [("generations", "0005_fill_families")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
