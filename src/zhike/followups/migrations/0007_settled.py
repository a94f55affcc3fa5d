"""Let the database itself say whether what was told of is settled: many change a task or a customer, and each way counts.

Until now it was found out by reading every row with its task or customer, which grows with all that was ever told.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

CREATE = """
CREATE FUNCTION zhike_is_settled(task bigint, customer bigint, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN task IS NULL
        THEN NOT EXISTS (SELECT FROM customers_customer c
                          WHERE c.id = customer AND c.next_contact_on = day AND c.deleted_at IS NULL)
        ELSE NOT EXISTS (SELECT FROM followups_task t WHERE t.id = task AND t.state = 'open' AND t.shown_on = day) END
$$;

CREATE FUNCTION zhike_settle_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_settled := zhike_is_settled(NEW.task_id, NEW.customer_id, NEW.due_on);
    RETURN NEW;
END
$$;
CREATE TRIGGER escalation_settled BEFORE INSERT OR UPDATE OF task_id, customer_id, due_on ON followups_escalation
    FOR EACH ROW EXECUTE FUNCTION zhike_settle_new();

CREATE FUNCTION zhike_settle_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE followups_escalation SET is_settled = NOT is_settled
     WHERE task_id = NEW.id AND is_settled = (NEW.state = 'open' AND NEW.shown_on = due_on);
    RETURN NULL;
END
$$;
CREATE TRIGGER task_settles AFTER UPDATE OF state, due_on, snoozed_until ON followups_task
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.shown_on IS DISTINCT FROM NEW.shown_on)
    EXECUTE FUNCTION zhike_settle_task();

CREATE FUNCTION zhike_settle_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE followups_escalation SET is_settled = NOT is_settled
     WHERE customer_id = NEW.id AND task_id IS NULL
       AND is_settled = (NEW.deleted_at IS NULL AND NEW.next_contact_on IS NOT DISTINCT FROM due_on);
    RETURN NULL;
END
$$;
CREATE TRIGGER contact_settles AFTER UPDATE OF next_contact_on, deleted_at ON customers_customer
    FOR EACH ROW WHEN (OLD.next_contact_on IS DISTINCT FROM NEW.next_contact_on
                       OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
    EXECUTE FUNCTION zhike_settle_contact();

UPDATE followups_escalation SET is_settled = true WHERE zhike_is_settled(task_id, customer_id, due_on);
"""

DROP = """
DROP TRIGGER contact_settles ON customers_customer;
DROP TRIGGER task_settles ON followups_task;
DROP TRIGGER escalation_settled ON followups_escalation;
DROP FUNCTION zhike_settle_contact(), zhike_settle_task(), zhike_settle_new(), zhike_is_settled(bigint, bigint, date);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("followups", "0006_tally")]

    operations: ClassVar = [
        migrations.AddField("escalation", "is_settled", models.BooleanField(default=False, editable=False)),
        migrations.RunSQL(CREATE, DROP),
    ]
