"""The KPI that stood for the KGI itself becomes its tree's goal; the visits of a funnel are those of the whole period."""

from django.db import migrations

FILL = """
UPDATE funnel_kpi SET is_goal = true WHERE key = 'revenue' AND NOT is_goal;
UPDATE funnel_kpi SET period = 'whole'
WHERE key = 'visits' AND period = '' AND kgi_id IN (SELECT kgi_id FROM funnel_funnel);
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0005_kpi_trees")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
