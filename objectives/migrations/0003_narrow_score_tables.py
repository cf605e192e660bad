from django.db import migrations


class Migration(migrations.Migration):
    """Leave room on the pages of the score tables, so that rescoring updates rows in place."""

    dependencies = [("objectives", "0002_initial")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} SET (fillfactor = 50)",
            f"ALTER TABLE {table} RESET (fillfactor)",
        )
        for table in ("objectives_keyresultscore", "objectives_objectivescore")
    ]
