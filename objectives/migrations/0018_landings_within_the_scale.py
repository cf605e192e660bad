"""Let landings that were stored above 1 where no score can be say what the roll-up says of them now.

What others contribute to is written anew by the next round of scores.
"""

from django.db import migrations

OBJECTIVES = "UPDATE {table} SET landing = 1 WHERE landing > 1"
KEY_RESULTS = """
UPDATE objectives_keyresultscore s SET landing = 1
FROM objectives_keyresult kr
WHERE kr.id = s.key_result_id AND s.landing > 1 AND kr.kind IN ('milestone', 'coverage', 'quota', 'keep')
"""


class Migration(migrations.Migration):
    dependencies = [("objectives", "0017_room_for_scores")]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in (
            OBJECTIVES.format(table="objectives_objectivescore"),
            OBJECTIVES.format(table="objectives_objectivesnapshot"),
            KEY_RESULTS,
        )
    ]
