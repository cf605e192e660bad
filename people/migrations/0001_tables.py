import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import people.clock
import people.models.channels
import people.models.company
import people.models.doors
import people.sealing
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models
from people.tables import CreateTables

# One spelling for what people type and what they look for: full and half width, upper and lower case, katakana and
# hiragana, the dashes, and the forms of kanji that names are written in. Long vowels stay.
KATAKANA = "".join(map(chr, range(0x30A1, 0x30F7))) + "ヽヾ"
HIRAGANA = "".join(map(chr, range(0x3041, 0x3097))) + "ゝゞ"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u301c"
NAMES = "髙﨑嵜濱濵邊邉齋齊斎澤廣櫻國", "高崎崎浜浜辺辺斉斉斉沢広桜国"
UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
SPOKEN = KATAKANA + DASHES + NAMES[0] + UNSEEN, HIRAGANA + "-" * 7 + "~" + NAMES[1]

FOLD = f"""
CREATE FUNCTION people_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        translate(lower(normalize(words, NFKC)), '{SPOKEN[0]}', '{SPOKEN[1]}'), '[[:space:][:cntrl:]]+', ' ', 'g'))
$$;
"""

# The pairs of characters in folded words, each behind a mark; the last one of a word stands alone.
GRAMS = """
CREATE FUNCTION people_grams(mark text, words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT COALESCE(array_agg(DISTINCT mark || rtrim(letter || following)), '{}')
    FROM (
        SELECT letter, COALESCE(lead(letter) OVER (ORDER BY place), '') AS following
        FROM string_to_table(words, NULL) WITH ORDINALITY AS letters(letter, place)
    ) AS pair
    WHERE letter <> ' '
$$;
"""

# What the triggers of `people.models.Searched` call, and the rebuilding. Nothing is written where nothing changed.
MAKE = """
CREATE FUNCTION people_make_searchable(
    its_kind text, its_row bigint, its_organization bigint, its_branch bigint, its_cycle bigint,
    its_title text, its_rest text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    folded_title text := left(people_fold(COALESCE(its_title, '')), 200);
    folded text := left(btrim(folded_title || ' ' || people_fold(COALESCE(its_rest, ''))), 20000);
BEGIN
    IF folded = '' THEN
        DELETE FROM people_searchentry WHERE kind = its_kind AND "row" = its_row;
        RETURN;
    END IF;
    INSERT INTO people_searchentry AS entry (organization_id, kind, "row", branch, cycle, title, words, grams)
    VALUES (
        its_organization, its_kind, its_row, its_branch, its_cycle, folded_title, folded,
        array_to_tsvector(
            people_grams(its_organization || its_kind, folded)
            || people_grams(its_organization || upper(its_kind), folded_title)))
    ON CONFLICT (kind, "row") DO UPDATE SET
        organization_id = EXCLUDED.organization_id, branch = EXCLUDED.branch, cycle = EXCLUDED.cycle,
        title = EXCLUDED.title, words = EXCLUDED.words, grams = EXCLUDED.grams
    WHERE (entry.organization_id, entry.branch, entry.cycle, entry.title, entry.words)
        IS DISTINCT FROM
        (EXCLUDED.organization_id, EXCLUDED.branch, EXCLUDED.cycle, EXCLUDED.title, EXCLUDED.words);
END
$$;
"""

# What the triggers of `people.models.Audit` call. Without a told door the writer came by another way: a shell, psql.
WRITE = """
CREATE FUNCTION people_write_audit(
    organization bigint, table_name text, row_id bigint, operation text,
    old_row jsonb, new_row jsonb, unseen text[], secret text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told jsonb := NULLIF(current_setting('pghistory.context_metadata', true), '')::jsonb;
    was jsonb := old_row - unseen;
    becomes jsonb := new_row - unseen;
    kept_was jsonb;
    kept_becomes jsonb;
    hidden text;
    place text := substring(told ->> 'address' FROM '^/(?:api/v1/)?o/([^/]+)');
BEGIN
    IF operation = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, becomes -> key) INTO kept_was, kept_becomes
        FROM jsonb_each(was) WHERE becomes -> key IS DISTINCT FROM value;
        IF kept_was IS NULL THEN
            RETURN;
        END IF;
        was := kept_was;
        becomes := kept_becomes;
    END IF;
    FOREACH hidden IN ARRAY secret LOOP
        was := CASE WHEN was ? hidden THEN was || jsonb_build_object(hidden, '•••') ELSE was END;
        becomes := CASE WHEN becomes ? hidden THEN becomes || jsonb_build_object(hidden, '•••') ELSE becomes END;
    END LOOP;
    -- A person's account is everywhere the same: of whoever wrote it elsewhere, others here hear nothing.
    IF table_name = 'people_user' AND place IS NOT NULL
       AND NOT EXISTS (SELECT FROM people_organization WHERE id = organization AND slug = place) THEN
        told := told - 'address' - 'token';
        IF NOT EXISTS (
            SELECT FROM people_membership
            WHERE organization_id = organization AND user_id = (told ->> 'user')::bigint
        ) THEN
            told := told - 'user';
        END IF;
    END IF;
    INSERT INTO people_auditevent (
        organization_id, at, "table", "row", act, before, after, user_id, token, door, address, request_id
    ) VALUES (
        organization, COALESCE((told ->> 'at')::timestamptz, clock_timestamp()), table_name, row_id,
        lower(operation), was, becomes, (told ->> 'user')::bigint, (told ->> 'token')::bigint,
        COALESCE(told ->> 'door', 'database'), COALESCE(told ->> 'address', ''), COALESCE(told ->> 'request_id', '')
    );
END
$$;
"""
DROP = """
DROP FUNCTION people_write_audit(bigint, text, bigint, text, jsonb, jsonb, text[], text[]);
DROP FUNCTION people_make_searchable(text, bigint, bigint, bigint, bigint, text, text);
DROP FUNCTION people_grams(text, text);
DROP FUNCTION people_fold(text);
"""


class Migration(migrations.Migration):

    replaces = [('people', '0001_initial'), ('people', '0002_doors_units_and_history'), ('people', '0003_write_audit'), ('people', '0004_find_events_quickly'), ('people', '0005_invitation_mail'), ('people', '0006_search'), ('people', '0007_first_units'), ('people', '0008_token_made_once'), ('people', '0009_end_sessions'), ('people', '0010_keep_organizations_apart'), ('people', '0011_reminders_by_mail'), ('people', '0012_weekly_rhythm'), ('people', '0013_live_and_shared'), ('people', '0014_listed_in_order'), ('people', '0015_exports'), ('people', '0016_contribution_reports')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.RunSQL(FOLD + GRAMS + MAKE + WRITE, DROP),
        CreateTables(
            [
                migrations.CreateModel(
                    name='Organization',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='Name')),
                        ('slug', models.SlugField(unique=True)),
                        ('time_zone', models.CharField(default='Asia/Tokyo', max_length=50, validators=[people.models.company.validate_time_zone], verbose_name='Time zone')),
                        ('currency', models.CharField(default='JPY', max_length=3, verbose_name='Currency')),
                        ('fiscal_year_start', models.PositiveSmallIntegerField(default=4, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)], verbose_name='First month of the fiscal year')),
                        ('check_in_weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], default=4, verbose_name='Check-ins are due on')),
                        ('holidays', models.CharField(blank=True, choices=[('', 'None'), ('JP', 'Japan')], default='JP', max_length=2, verbose_name='Public holidays')),
                        ('band_lower', models.FloatField(default=0.6, verbose_name='Stretch band from')),
                        ('band_upper', models.FloatField(default=0.7, verbose_name='Stretch band to')),
                        ('scored_on', models.DateField(blank=True, editable=False, null=True)),
                        ('setup_step', models.CharField(blank=True, choices=[('calendar', 'Calendar'), ('teams', 'Teams'), ('kgi', 'KGI'), ('objective', 'First objective')], editable=False, max_length=10)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('band_lower__gt', 0), ('band_upper__lt', 1), ('band_lower__lt', models.F('band_upper'))), name='organization_band_inside_scale', violation_error_message='The stretch band lies between 0 and 1, its lower limit below its upper.'), models.CheckConstraint(condition=models.Q(('fiscal_year_start__range', (1, 12))), name='organization_fiscal_year_starts_in_a_month'), models.CheckConstraint(condition=models.Q(('check_in_weekday__range', (0, 6))), name='organization_weekday')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key,scored_on}'::text[], '{}'::text[])\n            FROM (SELECT touched.id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='7c54c106d346ccdd37ecb156079ec883a2168ce1', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_1af64', table='people_organization', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('email', models.EmailField(error_messages={'unique': 'This address is taken.'}, max_length=254, unique=True, verbose_name='E-mail address')),
                        ('name', models.CharField(max_length=100, verbose_name='Name')),
                        ('reading', models.CharField(blank=True, max_length=100, verbose_name='Reading')),
                        ('language', models.CharField(blank=True, max_length=5)),
                        ('is_reminded', models.BooleanField(default=True, verbose_name='Reminders by mail')),
                        ('is_active', models.BooleanField(default=True)),
                        ('is_staff', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('erased_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'verbose_name': 'person',
                        'verbose_name_plural': 'people',
                        'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_lower_case')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key,last_login}'::text[], '{password}'::text[])\n            FROM (SELECT organization_id FROM people_membership WHERE user_id = touched.id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='97a6fdf811ede7341ab215be50d5905be8003372', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_23c4b', table='people_user', when='AFTER')), pgtrigger.compiler.Trigger(name='search_m', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                DELETE FROM people_searchentry WHERE kind = \'m\' AND "row" = OLD.id;\n                RETURN NULL;\n            END IF;\n            IF TG_OP = \'UPDATE\' THEN\n                IF OLD.name IS NOT DISTINCT FROM NEW.name AND OLD.reading IS NOT DISTINCT FROM NEW.reading AND OLD.email IS NOT DISTINCT FROM NEW.email THEN RETURN NULL; END IF;\n            END IF;\n            PERFORM people_make_searchable(\'m\', "row", organization, branch, cycle, title, rest)\n            FROM (\n    SELECT m.id AS row, m.organization_id AS organization, m.id AS branch, NULL::bigint AS cycle,\n           u.name AS title, u.reading || \' \' || u.email AS rest, u.id AS person\n    FROM people_membership m JOIN people_user u ON u.id = m.user_id\n) AS source WHERE "person" = NEW.id;\n            RETURN NULL;\n        ', hash='75484d0b87c44e367190966231e490351e3ea94f', operation='UPDATE OF "name", "reading", "email"', pgid='pgtrigger_search_m_72337', table='people_user', when='AFTER')), pgtrigger.compiler.Trigger(name='end_sessions', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."password" IS DISTINCT FROM (NEW."password") OR (NOT NEW."is_active" AND OLD."is_active") OR (NEW."erased_at" IS NOT NULL AND OLD."erased_at" IS NULL))', func='\n                    DELETE FROM django_session\n                    WHERE session_key IN (SELECT session_key FROM usersessions_usersession WHERE user_id = NEW.id);\n                    DELETE FROM usersessions_usersession WHERE user_id = NEW.id;\n                    RETURN NULL;\n                ', hash='338b5f24c0ec538b35434a23b931b2e9b01f5f40', operation='UPDATE', pgid='pgtrigger_end_sessions_28110', table='people_user', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='AuditEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organization')),
                        ('at', models.DateTimeField()),
                        ('table', models.CharField(max_length=63)),
                        ('row', models.BigIntegerField()),
                        ('act', models.CharField(choices=[('insert', 'Added'), ('update', 'Changed'), ('delete', 'Removed')], max_length=6)),
                        ('before', models.JSONField(null=True)),
                        ('after', models.JSONField(null=True)),
                        ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('token', models.BigIntegerField(null=True)),
                        ('door', models.CharField(choices=[('page', 'Page'), ('api', 'API'), ('task', 'Task'), ('command', 'Command'), ('database', 'Database')], default='database', max_length=8)),
                        ('address', models.CharField(blank=True, max_length=300)),
                        ('request_id', models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        'ordering': ('-id',),
                        'indexes': [models.Index(fields=['organization', '-at', '-id'], name='audit_newest'), models.Index(fields=['organization', 'table', '-at', '-id'], name='audit_of_table'), models.Index(fields=['organization', 'user', '-at', '-id'], name='audit_by_user'), models.Index(condition=models.Q(('door', 'page'), _negated=True), fields=['organization', 'door', '-at', '-id'], name='audit_by_door'), models.Index(condition=models.Q(('act', 'delete')), fields=['organization', '-at', '-id'], name='audit_removed'), django.contrib.postgres.indexes.GinIndex(condition=models.Q(('act', 'delete')), fields=['before'], name='audit_removed_of', opclasses=['jsonb_path_ops']), models.Index(fields=['table', 'row', '-id'], name='audit_of_row')],
                        'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='200177d0e855ca1cd66a85735f2c47d6c00f89e5', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_02798', table='people_auditevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='never_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The history can only be added to.';", hash='482fe65c14197f0b17d5302ef9f36f3e8efd88f9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_emptied_3b68d', table='people_auditevent', when='BEFORE'))],
                    },
                ),
                migrations.CreateModel(
                    name='SearchEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organization')),
                        ('kind', models.CharField(max_length=1)),
                        ('row', models.BigIntegerField()),
                        ('branch', models.BigIntegerField()),
                        ('cycle', models.BigIntegerField(null=True)),
                        ('title', models.TextField()),
                        ('words', models.TextField()),
                        ('grams', django.contrib.postgres.search.SearchVectorField()),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['grams'], name='search_grams'), models.Index(fields=['organization', 'kind', 'cycle', 'row'], name='search_in_cycle'), models.Index(fields=['branch', 'kind'], name='search_in_branch'), models.Index(models.F('organization'), models.F('kind'), django.contrib.postgres.indexes.OpClass(models.F('title'), name='text_pattern_ops'), condition=models.Q(('title', ''), _negated=True), name='search_title')],
                        'constraints': [models.UniqueConstraint(fields=('kind', 'row'), name='search_once_per_row')],
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='teams', to='people.organization')),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='people.team')),
                        ('name', models.CharField(max_length=100, verbose_name='Name')),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('closed_on', models.DateField(blank=True, editable=False, null=True)),
                        ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='people.team')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ],
                    options={
                        'ordering': ('position', 'id'),
                        'indexes': [models.Index(fields=['organization', 'position', 'name', 'id'], name='team_in_order')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('parent', None)), fields=('organization',), name='team_one_root_per_organization'), models.UniqueConstraint(condition=models.Q(('closed_on', None)), fields=('organization', 'parent', 'name'), name='team_name_unique_below_parent', violation_error_message='There is already a team of this name here.'), models.CheckConstraint(condition=models.Q(('parent', models.F('id')), _negated=True), name='team_not_its_own_parent'), models.CheckConstraint(condition=models.Q(('closed_on', None), ('parent__isnull', False), _connector='OR'), name='team_company_stays_open')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT touched.organization_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='45a610d9407d71fc90f4007f28120eabd2514070', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_459c2', table='people_team', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Membership',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='people.organization')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                        ('role', models.CharField(choices=[('admin', 'Administrator'), ('executive', 'Executive'), ('manager', 'Manager'), ('member', 'Member'), ('partner', 'Partner')], default='member', max_length=10, verbose_name='Role')),
                        ('left_on', models.DateField(blank=True, null=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('teams', models.ManyToManyField(blank=True, related_name='members', to='people.team')),
                    ],
                    options={
                        'ordering': ('user__reading', 'user__name', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('organization', 'user'), name='membership_once_per_organization'), models.CheckConstraint(condition=models.Q(('role__in', ['admin', 'executive', 'manager', 'member', 'partner'])), name='membership_role_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT touched.organization_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='d08e7971ec4057f2cd6e144fbd7e36d15ae12e1e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_ab274', table='people_membership', when='AFTER')), pgtrigger.compiler.Trigger(name='search_m', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            IF TG_OP = \'DELETE\' THEN\n                DELETE FROM people_searchentry WHERE kind = \'m\' AND "row" = OLD.id;\n                RETURN NULL;\n            END IF;\n            IF TG_OP = \'UPDATE\' THEN\n                IF OLD.user_id IS NOT DISTINCT FROM NEW.user_id AND OLD.organization_id IS NOT DISTINCT FROM NEW.organization_id THEN RETURN NULL; END IF;\n            END IF;\n            PERFORM people_make_searchable(\'m\', "row", organization, branch, cycle, title, rest)\n            FROM (\n    SELECT m.id AS row, m.organization_id AS organization, m.id AS branch, NULL::bigint AS cycle,\n           u.name AS title, u.reading || \' \' || u.email AS rest, u.id AS person\n    FROM people_membership m JOIN people_user u ON u.id = m.user_id\n) AS source WHERE "row" = NEW.id;\n            RETURN NULL;\n        ', hash='9bfa58f3b2cab85001306dd412e7aea0ad20d253', operation='INSERT OR UPDATE OF "user_id", "organization_id" OR DELETE', pgid='pgtrigger_search_m_57e48', table='people_membership', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='MembershipTeam',
                    fields=[
                    ],
                    options={
                        'proxy': True,
                    },
                    bases=('people.membership_teams',),
                ),
                migrations.CreateModel(
                    name='Channel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='channels', to='people.organization')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='channels', to='people.team')),
                        ('membership', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='channels', to='people.membership')),
                        ('kind', models.CharField(choices=[('slack', 'Slack'), ('teams', 'Microsoft Teams'), ('chatwork', 'Chatwork'), ('lineworks', 'LINE WORKS'), ('webhook', 'Webhook')], max_length=9, verbose_name='Service')),
                        ('name', models.CharField(max_length=60, verbose_name='Name')),
                        ('address', people.sealing.SealedField(blank=True, verbose_name='Address')),
                        ('token', people.sealing.SealedField(blank=True, verbose_name='Secret')),
                        ('room', models.CharField(blank=True, max_length=40, verbose_name='Room')),
                        ('language', models.CharField(blank=True, max_length=5, verbose_name='Language')),
                        ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('reminder', 'Check-ins that are due'), ('nudge', 'A nudge from a colleague'), ('obstacle', 'Obstacles that need help'), ('kpi', 'KPIs below their mark'), ('meeting', 'Minutes of meetings'), ('digest', 'The week in figures'), ('test', 'A trial message')], max_length=10), default=people.models.channels.every_topic, size=None)),
                        ('is_on', models.BooleanField(default=True, verbose_name='Messages are sent')),
                        ('last_sent_at', models.DateTimeField(editable=False, null=True)),
                        ('failing_since', models.DateTimeField(editable=False, null=True)),
                        ('failure', models.CharField(blank=True, editable=False, max_length=200)),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.membership')),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('retired_at', models.DateTimeField(editable=False, null=True)),
                        ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ],
                    options={
                        'ordering': ('id',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['slack', 'teams', 'chatwork', 'lineworks', 'webhook'])), name='channel_kind_known'), models.CheckConstraint(condition=models.Q(('team', None), ('membership', None), _connector='OR'), name='channel_of_team_or_person')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key,last_sent_at,failing_since,failure}'::text[], '{address,token}'::text[])\n            FROM (SELECT touched.organization_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='330c9d94965ea7b67e0cec4c1d6096d6e8d7c232', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_9d571', table='people_channel', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ReminderPreference',
                    fields=[
                        ('membership', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reminder_preference', serialize=False, to='people.membership')),
                        ('is_on', models.BooleanField(default=True, verbose_name='Remind me of check-ins')),
                        ('weekday', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], null=True, verbose_name='Remind me on')),
                        ('hour', models.PositiveSmallIntegerField(default=9, verbose_name='Remind me at')),
                        ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.channel')),
                        ('digest', models.BooleanField(blank=True, null=True, verbose_name='The week in figures')),
                        ('digest_weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], default=0, verbose_name='Digest on')),
                        ('digest_hour', models.PositiveSmallIntegerField(default=8, verbose_name='Digest at')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('digest_hour__range', (0, 23)), ('hour__range', (0, 23))), name='reminder_hours', violation_error_message='An hour lies between 0 and 23.'), models.CheckConstraint(condition=models.Q(models.Q(('weekday', None), ('weekday__range', (0, 6)), _connector='OR'), ('digest_weekday__range', (0, 6))), name='reminder_weekdays')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.membership_id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT organization_id FROM people_membership WHERE id = touched.membership_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='51f6db0c36301612831ed5b0bf361aad4bdeec46', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_061a5', table='people_reminderpreference', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Delivery',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organization')),
                        ('membership', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='people.membership')),
                        ('channel', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='people.channel')),
                        ('topic', models.CharField(choices=[('reminder', 'Check-ins that are due'), ('nudge', 'A nudge from a colleague'), ('obstacle', 'Obstacles that need help'), ('kpi', 'KPIs below their mark'), ('meeting', 'Minutes of meetings'), ('digest', 'The week in figures'), ('test', 'A trial message')], max_length=10)),
                        ('occasion', models.CharField(max_length=80)),
                        ('about', models.JSONField(default=dict)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('try_at', models.DateTimeField(default=people.clock.now)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('failure', models.CharField(blank=True, max_length=200)),
                        ('sent_at', models.DateTimeField(null=True)),
                        ('cancelled_at', models.DateTimeField(null=True)),
                        ('given_up_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ('-id',),
                        'indexes': [models.Index(condition=models.Q(('cancelled_at', None), ('given_up_at', None), ('sent_at', None)), fields=['try_at'], name='delivery_waiting'), models.Index(fields=['channel', '-id'], name='delivery_of_channel')],
                        'constraints': [models.UniqueConstraint(fields=('occasion', 'membership', 'channel'), name='delivery_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('membership__isnull', False), ('channel__isnull', False), _connector='OR'), name='delivery_to_somebody')],
                    },
                ),
                migrations.CreateModel(
                    name='Invitation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='people.organization')),
                        ('email', models.EmailField(max_length=254, verbose_name='E-mail address')),
                        ('name', models.CharField(blank=True, max_length=100, verbose_name='Name')),
                        ('role', models.CharField(choices=[('admin', 'Administrator'), ('executive', 'Executive'), ('manager', 'Manager'), ('member', 'Member'), ('partner', 'Partner')], default='member', max_length=10, verbose_name='Role')),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='invitations', to='people.team', verbose_name='Team')),
                        ('language', models.CharField(blank=True, max_length=5)),
                        ('nonce', models.CharField(editable=False, max_length=64)),
                        ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                        ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.membership')),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('expires_at', models.DateTimeField(default=people.models.doors.two_weeks_on)),
                        ('sent_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                        ('try_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('failure', models.CharField(blank=True, editable=False, max_length=200)),
                        ('accepted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('membership', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.membership')),
                    ],
                    options={
                        'ordering': ('-id',),
                        'indexes': [models.Index(condition=models.Q(('accepted_at', None), ('sent_at', None), ('withdrawn_at', None)), fields=['id'], name='invitation_unsent')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), fields=('organization', 'email'), name='invitation_open_once', violation_error_message='This address is invited already.'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='invitation_email_lower_case'), models.CheckConstraint(condition=models.Q(('role__in', ['admin', 'executive', 'manager', 'member', 'partner'])), name='invitation_role_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key,nonce,token_hash,tries,try_at}'::text[], '{}'::text[])\n            FROM (SELECT touched.organization_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='8c9612612ca8c11a3ab1596015f9d53c953120ee', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_92765', table='people_invitation', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='StartLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token_hash', models.CharField(max_length=64, unique=True)),
                        ('created_at', models.DateTimeField(default=people.clock.now)),
                        ('expires_at', models.DateTimeField(default=people.models.doors.two_weeks_on)),
                        ('used_at', models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='APIToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='What it is for')),
                        ('beginning', models.CharField(editable=False, max_length=12)),
                        ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('ended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='people.membership')),
                        ('is_read_only', models.BooleanField(default=False, verbose_name='May only read')),
                        ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='Good until')),
                    ],
                    options={
                        'ordering': ('-id',),
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key,token_hash,last_used_at}'::text[], '{}'::text[])\n            FROM (SELECT organization_id FROM people_membership WHERE id = touched.membership_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='783d1f680531ceb0b50ddadd97d90bd6f33658d8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_32f8c', table='people_apitoken', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='IdempotentAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('token', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.apitoken')),
                        ('key', models.CharField(max_length=200)),
                        ('request_hash', models.CharField(max_length=64)),
                        ('status', models.PositiveSmallIntegerField(null=True)),
                        ('answer', models.JSONField(null=True)),
                        ('created_at', models.DateTimeField(db_index=True, default=people.clock.now)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'token', 'key'), name='idempotent_answer_once', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='CalendarFeed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='What it is for')),
                        ('beginning', models.CharField(editable=False, max_length=12)),
                        ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('ended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feeds', to='people.membership')),
                        ('language', models.CharField(blank=True, max_length=5)),
                    ],
                    options={
                        'ordering': ('-id',),
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key,token_hash,last_used_at}'::text[], '{}'::text[])\n            FROM (SELECT organization_id FROM people_membership WHERE id = touched.membership_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='52e6c61c85ff796c492acce38d1025bd22f26346', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_87a2e', table='people_calendarfeed', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='ShareLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('beginning', models.CharField(editable=False, max_length=12)),
                        ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('ended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='share_links', to='people.membership')),
                        ('name', models.CharField(max_length=100, verbose_name='Whom it is for')),
                        ('language', models.CharField(blank=True, max_length=5)),
                        ('expires_at', models.DateTimeField(default=people.models.doors.two_weeks_on, verbose_name='Good until')),
                    ],
                    options={
                        'ordering': ('-id',),
                        'abstract': False,
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key,token_hash,last_used_at}'::text[], '{}'::text[])\n            FROM (SELECT organization_id FROM people_membership WHERE id = touched.membership_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='9a3d71be2f946d6346653be8905669eea2b57270', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_ca174', table='people_sharelink', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Export',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exports', to='people.organization')),
                        ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exports', to='people.membership')),
                        ('what', models.CharField(choices=[('report_pdf', 'Cycle report (PDF)'), ('report_xlsx', 'Cycle report (Excel)'), ('contribution', 'Contribution report (PDF)')], max_length=12)),
                        ('about', models.JSONField(blank=True, default=dict)),
                        ('title', models.CharField(blank=True, max_length=200)),
                        ('language', models.CharField(default='ja', max_length=5)),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('making', 'Being made'), ('done', 'Ready'), ('failed', 'Failed')], default='waiting', max_length=7, verbose_name='State')),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('total', models.PositiveIntegerField(default=0)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('failure', models.CharField(blank=True, choices=[('', ''), ('gone', 'What it is about can no longer be seen by you.'), ('no_printer', 'This server cannot make PDFs: Pango is not installed. Print the page instead.'), ('no_font', 'This server has no Japanese font to make PDFs with. Print the page instead.'), ('broken', 'The file could not be made. Ask for it again; if that fails too, tell your administrator.')], default='', max_length=10)),
                        ('filename', models.CharField(blank=True, max_length=255)),
                        ('content_type', models.CharField(blank=True, max_length=100)),
                        ('content', models.BinaryField(null=True)),
                        ('size', models.PositiveIntegerField(default=0)),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('finished_at', models.DateTimeField(editable=False, null=True)),
                        ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ],
                    options={
                        'ordering': ('-created_at', '-id'),
                        'indexes': [models.Index(fields=['membership', '-created_at', '-id'], name='export_newest'), models.Index(condition=models.Q(('state__in', ['waiting', 'making'])), fields=['id'], name='export_unfinished')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('what__in', ['report_pdf', 'report_xlsx', 'contribution'])), name='export_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'making', 'done', 'failed'])), name='export_state_known'), models.CheckConstraint(condition=models.Q(('failure__in', ['', 'gone', 'no_printer', 'no_font', 'broken'])), name='export_failure_known'), models.CheckConstraint(condition=models.Q(('done__lte', models.F('total'))), name='export_done_of_total'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('content__isnull', False), _connector='OR'), name='export_done_has_file')],
                    },
                ),
                migrations.CreateModel(
                    name='LiveVersion',
                    fields=[
                        ('organization', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='live_version', serialize=False, to='people.organization')),
                        ('version', models.BigIntegerField(default=0)),
                        ('forecast_version', models.BigIntegerField(default=-1)),
                        ('changed_at', models.DateTimeField(default=people.clock.now)),
                    ],
                ),
                migrations.CreateModel(
                    name='Cadence',
                    fields=[
                        ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='cadence', serialize=False, to='people.team')),
                        ('check_in_weeks', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'Every week'), (2, 'Every two weeks')], null=True, verbose_name='Check-ins')),
                        ('check_in_weekday', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], null=True, verbose_name='Check-ins are due on')),
                        ('kpi_round', models.CharField(blank=True, choices=[('week', 'Every week'), ('month', 'Every month')], max_length=5, verbose_name='KPI round')),
                        ('review', models.CharField(blank=True, choices=[('biweekly', 'Every two weeks'), ('monthly', 'Every month')], max_length=8, verbose_name='OKR review')),
                        ('meeting_weekday', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], null=True, verbose_name='Weekly meeting')),
                        ('meeting_time', models.TimeField(blank=True, null=True, verbose_name='Meeting begins at')),
                        ('meeting_minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Meeting lasts (minutes)')),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('check_in_weeks', None), ('check_in_weeks__in', [1, 2]), _connector='OR'), name='cadence_weeks'), models.CheckConstraint(condition=models.Q(('check_in_weekday', None), ('check_in_weekday__range', (0, 6)), _connector='OR'), name='cadence_weekday'), models.CheckConstraint(condition=models.Q(('meeting_weekday', None), ('meeting_weekday__range', (0, 6)), _connector='OR'), name='cadence_meeting_weekday'), models.CheckConstraint(condition=models.Q(('meeting_minutes', None), ('meeting_minutes__range', (5, 480)), _connector='OR'), name='cadence_meeting_length', violation_error_message='A meeting lasts between 5 minutes and 8 hours.')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.team_id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT organization_id FROM people_team WHERE id = touched.team_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='1ea96c01ed075e6069c662971b06a7f547642f76', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_88096', table='people_cadence', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='DayOff',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days_off', to='people.organization')),
                        ('name', models.CharField(max_length=60, verbose_name='What for')),
                        ('first', models.DateField(verbose_name='First day')),
                        ('last', models.DateField(verbose_name='Last day')),
                    ],
                    options={
                        'ordering': ('first', 'id'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='day_off_in_order', violation_error_message='The last day lies before the first.'), models.UniqueConstraint(fields=('organization', 'name', 'first'), name='day_off_once', violation_error_message='These days off are there already.')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT touched.organization_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='4ad4467d305352ce30e222d3199d0625626ad479', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_83cd8', table='people_dayoff', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='Heartbeat',
                    fields=[
                        ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                        ('at', models.DateTimeField(default=people.clock.now)),
                        ('detail', models.JSONField(default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name='Unit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='units', to='people.organization')),
                        ('name', models.CharField(max_length=20, verbose_name='Unit')),
                        ('better', models.CharField(choices=[('higher', 'Higher is better'), ('lower', 'Lower is better'), ('either', 'It depends')], default='higher', max_length=6, verbose_name='Direction')),
                        ('minimum', models.DecimalField(blank=True, decimal_places=6, max_digits=24, null=True, verbose_name='Scale from')),
                        ('maximum', models.DecimalField(blank=True, decimal_places=6, max_digits=24, null=True, verbose_name='Scale to')),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('retired_on', models.DateField(blank=True, editable=False, null=True)),
                        ('version', models.PositiveIntegerField(default=1, editable=False)),
                    ],
                    options={
                        'ordering': ('position', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='unit_once', violation_error_message='This unit is in the catalogue already.'), models.CheckConstraint(condition=models.Q(('better__in', ['higher', 'lower', 'either'])), name='unit_direction_known'), models.CheckConstraint(condition=models.Q(('minimum', None), ('maximum', None), ('minimum__lt', models.F('maximum')), _connector='OR'), name='unit_scale_in_order', violation_error_message='The scale ends before it begins.')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT touched.organization_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='505b5918e4ec01d5ffb786bc39c06c25216c2832', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_aca9b', table='people_unit', when='AFTER'))],
                    },
                ),
                migrations.CreateModel(
                    name='SavedView',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='people.organization')),
                        ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='people.membership')),
                        ('page', models.CharField(choices=[('company', 'Company'), ('company_map', 'Alignment map'), ('departments', 'Departments'), ('objectives', 'Objectives')], max_length=20, verbose_name='Page')),
                        ('name', models.CharField(max_length=60, verbose_name='Name')),
                        ('query', models.CharField(blank=True, max_length=1000, verbose_name='Filters and order')),
                        ('is_shared', models.BooleanField(default=False, verbose_name='For everybody in the organization')),
                        ('created_at', models.DateTimeField(default=people.clock.now, editable=False)),
                        ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ],
                    options={
                        'ordering': ('name', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('membership', 'page', 'name'), name='saved_view_name_once', violation_error_message='You have a view of this name already.'), models.CheckConstraint(condition=models.Q(('page__in', ['company', 'company_map', 'departments', 'objectives'])), name='saved_view_page_known')],
                        'triggers': [pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT touched.organization_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='a853507e98bd19155d6bd09e959a6c85f4cae865', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_41d9a', table='people_savedview', when='AFTER'))],
                    },
                ),
            ]
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membershipteam',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE touched record;', func="\n            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;\n            PERFORM people_write_audit(\n                organization, TG_TABLE_NAME::text, touched.id, TG_OP,\n                to_jsonb(OLD), to_jsonb(NEW), '{version,submission_key}'::text[], '{}'::text[])\n            FROM (SELECT organization_id FROM people_membership WHERE id = touched.membership_id) AS belongs(organization) WHERE organization IS NOT NULL;\n            RETURN NULL;\n        ", hash='d0359bb6f16afefaca9e01aa0567f42391a246ea', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_98caf', table='people_membership_teams', when='AFTER')),
        ),
    ]
