"""An accepted entry as one function of the database: the same rows in the same order, and nothing else.

No service, no model, no rule beyond the seat and the constraints; nobody is told over a socket. It is the limit that
an entry through the service is held against: what PostgreSQL has to do at the least.
"""

from datetime import datetime
from typing import Any

import psycopg2

from benchmarks.setting_up import ROLE

FEE = 1_000
_FUNCTION = """
CREATE FUNCTION bench_join(cup bigint, who bigint, known_as text, fee bigint, at timestamptz) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  entry bigint;
  number bigint;
  title text;
  refused text;
BEGIN
  SELECT name INTO title FROM tournaments_tournament WHERE id = cup FOR SHARE;
  INSERT INTO tournaments_entrant (tournament_id, user_id, captain_id, name, status, prize_rial, version, joined_at,
                                   reserved_price_rial)
    VALUES (cup, who, who, known_as, 'joined', 0, 1, at, 0) RETURNING id INTO entry;
  INSERT INTO tournaments_rostermember (entrant_id, tournament_id, user_id, is_active) VALUES (entry, cup, who, TRUE);
  SELECT refusal INTO refused FROM wallet_post(
    ARRAY['escrow:' || cup, 'user:' || who || ':bonus', 'user:' || who || ':deposited', 'user:' || who || ':winnings'],
    ARRAY[ARRAY['entry_fee', 'entry', cup || ':' || entry, 'entry:' || cup || ':' || entry, '']],
    ARRAY[who], ARRAY[NULL]::bigint[], ARRAY[[1, 2, 1, fee, 1], [1, 3, 1, 0, 1], [1, 4, 1, 0, 0]], who, at);
  IF refused IS NOT NULL THEN
    RAISE EXCEPTION '%', refused;
  END IF;
  INSERT INTO common_auditentry (actor_id, action, target_type, target_id, changes, reason, request_id, created_at)
    VALUES (who, 'entrant.join', 'tournaments.entrant', entry, '{}', '', '', at);
  INSERT INTO notifications_feed (user_id, head_seq) VALUES (who, 1)
    ON CONFLICT (user_id) DO UPDATE SET head_seq = notifications_feed.head_seq + 1 RETURNING head_seq INTO number;
  INSERT INTO notifications_notification (user_id, seq, kind, params, dedupe_key, is_read, created_at)
    VALUES (who, number, 'entrant_joined', jsonb_build_object('tournament', title), 'entrant_joined:' || entry, FALSE,
            at);
  UPDATE tournaments_seatcounter SET taken = taken + 1 WHERE tournament_id = cup;
  RETURN 'done';
END $$;
"""


def prepare(owner_url: str) -> None:
    with psycopg2.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute(_FUNCTION)
        cursor.execute(f"GRANT EXECUTE ON FUNCTION bench_join TO {ROLE}")
    connection.close()


def join(*, tournament_id: int, actor: Any, now: datetime) -> object:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT bench_join(%s, %s, %s, %s, %s)", [tournament_id, actor.pk, actor.username, FEE, now])
        return cursor.fetchone()
