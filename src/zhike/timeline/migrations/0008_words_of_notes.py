"""Find events by the words that people wrote, from an index alone: nothing is copied that could be forgotten.

`zhike_words` is how such a text is compared. `zhike_said` cuts it into pairs of characters beyond ASCII and threes
of letters and digits, and adds the customer, so that the index also answers for the customers of one person. Their costs tell the planner
to ask the index instead of cutting every text anew. Neither may call the other: maintenance looks functions up in
the catalogue of the server alone.
"""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

CREATE = r"""
CREATE FUNCTION zhike_words(data jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
    RETURN lower(normalize(data->>'text', NFKC));

CREATE FUNCTION zhike_said(data jsonb, customer bigint) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 AS $$
DECLARE
    said text := lower(normalize(data->>'text', NFKC));
    wide text := regexp_replace(said, '[\u0001-\u007f]+', E'\x01', 'g');
    latin text := regexp_replace(said, '[^a-z0-9]+', E'\x01', 'g');
    found text[] := ARRAY['#' || customer];
BEGIN
    IF length(wide) > 1 THEN
        found := found || string_to_array(regexp_replace(wide, '(..)', E'\\1\x02', 'g'), E'\x02')
                       || string_to_array(regexp_replace(substr(wide, 2), '(..)', E'\\1\x02', 'g'), E'\x02');
    END IF;
    IF length(latin) > 2 THEN
        found := found || string_to_array(regexp_replace(latin, '(...)', E'\\1\x02', 'g'), E'\x02')
                       || string_to_array(regexp_replace(substr(latin, 2), '(...)', E'\\1\x02', 'g'), E'\x02')
                       || string_to_array(regexp_replace(substr(latin, 3), '(...)', E'\\1\x02', 'g'), E'\x02');
    END IF;
    RETURN found;
END
$$;
"""

DROP = """
DROP FUNCTION zhike_said(jsonb, bigint);
DROP FUNCTION zhike_words(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0007_exchange_rates"),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.AddIndex(
            model_name="event",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("data"),
                    models.F("customer"),
                    function="zhike_said",
                    output_field=django.contrib.postgres.fields.ArrayField(models.TextField()),
                ),
                condition=models.Q(("data__has_key", "text")),
                gin_pending_list_limit=256,
                name="event_said",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                models.F("id").desc(), condition=models.Q(("data__has_key", "text")), name="event_written"
            ),
        ),
    ]
