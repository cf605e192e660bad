"""A form that is sent twice makes one token."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0007_first_units")]
    operations = [
        migrations.SeparateDatabaseAndState(
            # Each row that exists gets a key of its own in the same step.
            database_operations=[
                migrations.RunSQL(
                    """
                    ALTER TABLE people_apitoken
                        ADD COLUMN submission_key uuid NOT NULL DEFAULT gen_random_uuid(),
                        ADD CONSTRAINT people_apitoken_submission_key_key UNIQUE (submission_key);
                    ALTER TABLE people_apitoken ALTER COLUMN submission_key DROP DEFAULT;
                    """,
                    "ALTER TABLE people_apitoken DROP COLUMN submission_key;",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="apitoken",
                    name="submission_key",
                    field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                )
            ],
        )
    ]
