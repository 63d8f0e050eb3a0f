from django.db import migrations

# One call for everything that is told at once: the feeds are locked in the order of their users, what was told before is
# left out, and the rest is numbered behind the head of each feed.
TELL = """
CREATE FUNCTION notifications_tell(who bigint[], kinds text[], keys text[], params text[], at timestamptz)
RETURNS TABLE (id bigint, user_id bigint, seq bigint, key text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  -- made before any is locked: nobody waits for a new feed while holding an old one
  INSERT INTO notifications_feed (user_id, head_seq)
  SELECT person.id, 0 FROM users_user person
  WHERE person.id = ANY (who) AND NOT EXISTS (SELECT 1 FROM notifications_feed feed WHERE feed.user_id = person.id)
  ORDER BY person.id ON CONFLICT DO NOTHING;
  PERFORM 1 FROM notifications_feed WHERE user_id = ANY (who) ORDER BY user_id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH fresh AS (
    SELECT told.*, feed.head_seq + row_number() OVER (PARTITION BY told.user_id ORDER BY told.n) AS seq
    FROM unnest(who, kinds, keys, params) WITH ORDINALITY told (user_id, kind, key, params, n)
    JOIN notifications_feed feed ON feed.user_id = told.user_id
    WHERE NOT EXISTS (SELECT 1 FROM notifications_notification before
                      WHERE before.user_id = told.user_id AND before.dedupe_key = told.key)
  ), heads AS (
    UPDATE notifications_feed feed SET head_seq = fresh.seq
    FROM (SELECT user_id, MAX(seq) AS seq FROM fresh GROUP BY user_id) fresh WHERE feed.user_id = fresh.user_id
  )
  INSERT INTO notifications_notification (user_id, seq, kind, params, dedupe_key, is_read, created_at)
  SELECT user_id, seq, kind, params::jsonb, key, FALSE, at FROM fresh ORDER BY n
  RETURNING notifications_notification.id, notifications_notification.user_id, notifications_notification.seq,
            notifications_notification.dedupe_key::text;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_delivery_provider")]

    operations = [
        migrations.RunSQL(TELL, "DROP FUNCTION notifications_tell(bigint[], text[], text[], text[], timestamptz)")
    ]
