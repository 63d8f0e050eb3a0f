from django.db import migrations

# The function that posts again, with fewer arguments and statements: each costs more than what it does.
POST = """
DROP FUNCTION wallet_post(
  text[], text[], text[], text[], text[], bigint[], text[], bigint[],
  integer[], integer[], integer[], bigint[], boolean[], bigint, timestamptz
);

CREATE TYPE wallet_move AS (
  journal_id bigint, debit_id bigint, credit_id bigint, amount bigint, debit_after bigint, credit_after bigint
);

-- Writes journals with their transfers and moves the balances, or says why not and has written nothing. A line that may
-- spill takes what its debit account has, and hands the rest to the next line.
CREATE FUNCTION wallet_post(
  codes text[],      -- the accounts; lines name them by their numbers here
  entries text[],    -- each journal's kind, source type, source id, key, reason
  users bigint[],    -- whose wallet each journal is about
  reversals bigint[],
  lines bigint[],    -- each line's journal, debit account and credit account by number, amount, 1 if it may spill
  actor bigint, at timestamptz,
  OUT refusal text, OUT amount bigint, OUT available bigint, OUT ids bigint[],
  OUT known boolean[]  -- NULL: no journal was written before
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- planning it anew for each length of the arrays would cost more than all the rest
SET plan_cache_mode = force_generic_plan SET wallet.writing = 'on' AS $$
DECLARE
  keys text[] := entries[:][4:4];
  debited bigint[] := lines[:][2:2];
  account record;
  account_ids bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(codes)]);
  kept boolean[];       -- what has a balance row
  closed boolean[];
  balances bigint[];    -- NULL where nothing can be short
  waited text;
  journal integer;
  debit integer;
  credit integer;
  moved bigint;
  spilled bigint := 0;
  taken bigint := 0;
  moving boolean[];     -- the journals that move something
  transfers wallet_move[];
BEGIN
  -- Every statement here has to see what was committed before it began.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the books are written at READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  -- Looked for before anything is locked: who makes an account may wait for somebody else who does. A user's account that
  -- is not there and only pays has nothing.
  IF (SELECT count(*) FROM wallet_ledgeraccount WHERE code = ANY (codes)) < cardinality(codes)
     AND EXISTS (SELECT 1 FROM unnest(codes) WITH ORDINALITY wanted (code, n)
                 LEFT JOIN wallet_ledgeraccount a USING (code)
                 WHERE a.id IS NULL AND (code NOT LIKE 'user:%' OR n = ANY (lines[:][3:3]))) THEN
    refusal := 'missing';
    RETURN;
  END IF;
  -- What can become too little is locked.
  FOR account IN
    SELECT n, a.id, a.balance_rial, a.closed_at
    FROM unnest(codes) WITH ORDINALITY wanted (code, n) JOIN wallet_ledgeraccount a USING (code)
    WHERE NOT a.allow_negative AND (a.balance_rial IS NOT NULL OR n = ANY (debited))
    ORDER BY a.id FOR NO KEY UPDATE OF a
  LOOP
    account_ids[account.n] := account.id;
    kept[account.n] := account.balance_rial IS NOT NULL;
    closed[account.n] := account.closed_at IS NOT NULL;
    balances[account.n] := COALESCE(account.balance_rial, wallet_balance(account.id));
  END LOOP;
  IF balances IS NULL THEN
    -- Two that write the same journal meet at an account; where there is none to meet at, at its key.
    PERFORM pg_advisory_xact_lock(hashtextextended(key, 1)) FROM (SELECT unnest(keys) AS key ORDER BY 1) ordered;
  END IF;
  -- An escrow that is paid into is not closed meanwhile; any number may pay in at once. This comes last: who holds it
  -- waits for no account.
  FOR n IN 1 .. cardinality(codes) LOOP
    CONTINUE WHEN balances[n] IS NOT NULL;
    IF codes[n] LIKE 'user:%' THEN
      balances[n] := 0;
      CONTINUE;
    END IF;
    IF codes[n] LIKE 'escrow:%' THEN
      waited := pg_advisory_xact_lock_shared(hashtextextended(codes[n], 0))::text;
    END IF;
    SELECT a.id, a.closed_at INTO account FROM wallet_ledgeraccount a WHERE a.code = codes[n];
    account_ids[n] := account.id;
    closed[n] := account.closed_at IS NOT NULL;
  END LOOP;

  IF EXISTS (SELECT 1 FROM wallet_journal WHERE key = ANY (keys)) THEN
    SELECT array_agg(journal.id ORDER BY n), array_agg(journal.id IS NOT NULL ORDER BY n) INTO ids, known
      FROM unnest(keys) WITH ORDINALITY wanted (key, n) LEFT JOIN wallet_journal journal USING (key);
  END IF;
  FOR n IN 1 .. cardinality(keys) LOOP
    ids[n] := COALESCE(ids[n], nextval('wallet_journal_id_seq'));
  END LOOP;

  FOR n IN 1 .. array_length(lines, 1) LOOP
    journal := lines[n][1];
    CONTINUE WHEN known[journal];
    debit := lines[n][2];
    credit := lines[n][3];
    IF closed[debit] OR closed[credit] THEN
      refusal := 'closed';
      RETURN;
    END IF;
    moved := lines[n][4] + spilled;
    spilled := 0;
    IF balances[debit] < moved THEN
      IF lines[n][5] = 0 THEN
        refusal := 'short';
        amount := taken + moved;
        available := taken + balances[debit];
        RETURN;
      END IF;
      spilled := moved - balances[debit];
      moved := balances[debit];
    END IF;
    taken := CASE WHEN lines[n][5] = 1 THEN taken + moved ELSE 0 END;
    CONTINUE WHEN moved = 0;
    balances[debit] := balances[debit] - moved;
    balances[credit] := balances[credit] + moved;
    moving[journal] := TRUE;
    transfers := array_append(transfers, ROW(
      ids[journal], account_ids[debit], account_ids[credit], moved,
      CASE WHEN kept[debit] THEN balances[debit] END, CASE WHEN kept[credit] THEN balances[credit] END)::wallet_move);
  END LOOP;
  IF transfers IS NULL THEN
    RETURN;
  END IF;

  INSERT INTO wallet_journal
    (id, kind, source_type, source_id, key, reason, user_id, reverses_id, actor_id, created_at)
  SELECT ids[n], entries[n][1], entries[n][2], entries[n][3], entries[n][4], entries[n][5],
         users[n], reversals[n], actor, at
  FROM generate_series(1, cardinality(ids)) n WHERE moving[n];
  -- transfers of one account get their numbers in the order of its balances: it is locked
  INSERT INTO wallet_transfer
    (journal_id, debit_id, credit_id, amount_rial, debit_after_rial, credit_after_rial)
  SELECT * FROM unnest(transfers);
  UPDATE wallet_ledgeraccount a SET balance_rial = balances[new.n]
  FROM unnest(account_ids) WITH ORDINALITY new (id, n) WHERE a.id = new.id AND kept[new.n];
END $$;

REVOKE ALL ON FUNCTION wallet_post(text[], text[], bigint[], bigint[], bigint[], bigint, timestamptz) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0008_journals_without_lookups")]

    operations = [migrations.RunSQL(POST, migrations.RunSQL.noop)]
