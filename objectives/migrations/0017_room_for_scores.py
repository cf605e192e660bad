"""Leave room in the pages of scores: a row that is written anew beside itself touches no index.

Every score of a company is written each night, and those of a check-in with every check-in.
"""

from django.db import migrations

TABLES = ("objectives_keyresultscore", "objectives_objectivescore")


class Migration(migrations.Migration):
    dependencies = [("objectives", "0016_listed_in_order")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} SET (fillfactor = 50)", reverse_sql=f"ALTER TABLE {table} RESET (fillfactor)"
        )
        for table in TABLES
    ]
