from django.db import migrations

# The database itself keeps the books: journals and transfers are only ever added, and a balance moves with an added
# transfer or not at all.
FORWARD = """
CREATE FUNCTION wallet_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
END $$;

CREATE TRIGGER wallet_journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_journal
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_append_only();
CREATE TRIGGER wallet_transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_transfer
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_append_only();
CREATE TRIGGER wallet_ledgeraccount_kept BEFORE DELETE OR TRUNCATE ON wallet_ledgeraccount
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_append_only();

CREATE FUNCTION wallet_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.balance_rial <> 0 OR NEW.closed_at IS NOT NULL THEN
      RAISE EXCEPTION 'an account begins open, with nothing' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
  END IF;
  -- depth 2: inside wallet_apply_transfers, not in a statement of somebody's own
  IF NEW.balance_rial <> OLD.balance_rial AND pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'a balance moves by transfers only' USING ERRCODE = '23001';
  END IF;
  IF (NEW.id, NEW.code, NEW.kind, NEW.allow_negative) IS DISTINCT FROM (OLD.id, OLD.code, OLD.kind, OLD.allow_negative)
     OR NEW.owner_id IS DISTINCT FROM OLD.owner_id OR NEW.tournament_id IS DISTINCT FROM OLD.tournament_id
     OR (OLD.closed_at IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
    RAISE EXCEPTION 'an account does not change what it is' USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER wallet_ledgeraccount_guard BEFORE INSERT OR UPDATE ON wallet_ledgeraccount
  FOR EACH ROW EXECUTE FUNCTION wallet_guard_account();

CREATE FUNCTION wallet_apply_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM wallet_transfer t JOIN added a ON a.journal_id = t.journal_id
             WHERE NOT EXISTS (SELECT 1 FROM added b WHERE b.id = t.id)) THEN
    RAISE EXCEPTION 'a journal gets its transfers at once' USING ERRCODE = '23001';
  END IF;

  UPDATE wallet_ledgeraccount account SET balance_rial = account.balance_rial + moved.total
  FROM (SELECT side.account_id, SUM(side.delta)::bigint AS total
        FROM (SELECT debit_id AS account_id, -amount_rial AS delta FROM added
              UNION ALL SELECT credit_id, amount_rial FROM added) side
        GROUP BY side.account_id) moved
  WHERE account.id = moved.account_id;

  IF EXISTS (
    SELECT 1
    FROM (SELECT account_id, after_rial,
                 -- what the later transfers of this statement move the account by
                 COALESCE(SUM(delta) OVER (PARTITION BY account_id ORDER BY id DESC
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS later
          FROM (SELECT id, debit_id AS account_id, -amount_rial AS delta, debit_after_rial AS after_rial FROM added
                UNION ALL SELECT id, credit_id, amount_rial, credit_after_rial FROM added) sides) chain
    JOIN wallet_ledgeraccount account ON account.id = chain.account_id
    WHERE chain.after_rial + chain.later <> account.balance_rial
  ) THEN
    RAISE EXCEPTION 'the balances after a transfer do not follow from the balances before' USING ERRCODE = '23001';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER wallet_transfer_apply AFTER INSERT ON wallet_transfer
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION wallet_apply_transfers();
"""

BACKWARD = """
DROP TRIGGER wallet_transfer_apply ON wallet_transfer;
DROP TRIGGER wallet_ledgeraccount_guard ON wallet_ledgeraccount;
DROP TRIGGER wallet_ledgeraccount_kept ON wallet_ledgeraccount;
DROP TRIGGER wallet_transfer_append_only ON wallet_transfer;
DROP TRIGGER wallet_journal_append_only ON wallet_journal;
DROP FUNCTION wallet_apply_transfers();
DROP FUNCTION wallet_guard_account();
DROP FUNCTION wallet_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
