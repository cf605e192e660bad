from django.db import migrations


def ask_for_comparison(apps, schema_editor):
    """Have the worker compare what was planned before goals were compared: it would wait for somebody's next edit."""
    organizations = apps.get_model("people", "Organization").objects.values_list("pk", flat=True)
    pending = apps.get_model("objectives", "PendingComparison")
    pending.objects.bulk_create(pending(organization_id=pk) for pk in organizations)


class Migration(migrations.Migration):
    dependencies = [
        ("objectives", "0009_conflict_content"),
        ("people", "0011_reminders_by_mail"),
    ]

    operations = [migrations.RunPython(ask_for_comparison, migrations.RunPython.noop, elidable=True)]
