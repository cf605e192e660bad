"""What the history of one organization says of a person's account names no other one."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("people.migrations.0003_write_audit").WRITE
WRITE = """
CREATE OR REPLACE FUNCTION people_write_audit(
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


class Migration(migrations.Migration):
    dependencies = [("people", "0009_end_sessions")]

    operations = [migrations.RunSQL(WRITE, BEFORE)]
