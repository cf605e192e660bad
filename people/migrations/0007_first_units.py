"""Give the organizations that exist a catalogue of units to begin with."""

from django.db import migrations

# As it was when this was written; new organizations get what `people.services.units` holds today.
UNITS = (
    ("%", "either", None, None),
    ("ポイント", "either", None, None),
    ("円", "either", None, None),
    ("万円", "either", None, None),
    ("億円", "either", None, None),
    ("件", "either", None, None),
    ("人", "either", None, None),
    ("社", "either", None, None),
    ("回", "either", None, None),
    ("本", "either", None, None),
    ("日", "lower", None, None),
    ("時間", "either", None, None),
    ("点", "higher", None, None),
    ("位", "lower", 1, None),
    ("NPS", "higher", -100, 100),
    ("点(5点満点)", "higher", 1, 5),
)


def fill(apps, schema_editor):
    Organization = apps.get_model("people", "Organization")
    Unit = apps.get_model("people", "Unit")
    Unit.objects.bulk_create(
        Unit(organization_id=pk, name=name, better=better, minimum=minimum, maximum=maximum, position=position)
        for pk in Organization.objects.exclude(units__isnull=False).values_list("pk", flat=True)
        for position, (name, better, minimum, maximum) in enumerate(UNITS)
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0006_search")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
