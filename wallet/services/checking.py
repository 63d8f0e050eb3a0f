"""The invariants of the books, each as one query that returns what breaks it."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Check:
    code: str
    says: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant and, if it does not hold, up to 20 of the places where it breaks."""

    code: str
    says: str
    broken: tuple[str, ...]


# Each side of a transfer is a move of one account.
_QUERY = """
WITH move AS (
  SELECT id, journal_id, debit_id AS account_id, -amount_rial AS delta, debit_after_rial AS after_rial
  FROM wallet_transfer
  UNION ALL
  SELECT id, journal_id, credit_id, amount_rial, credit_after_rial FROM wallet_transfer
), broken AS ({}
) SELECT * FROM broken LIMIT 20
"""

CHECKS = (
    Check(
        "I1",
        "the balances of all accounts sum to zero",
        "SELECT 'sum ' || SUM(balance_rial) FROM wallet_ledgeraccount HAVING SUM(balance_rial) <> 0",
    ),
    Check(
        "I2",
        "a balance is the sum of the account's transfers",
        """
        SELECT account.code || ': ' || account.balance_rial || ' is not ' || COALESCE(SUM(move.delta), 0)
        FROM wallet_ledgeraccount account LEFT JOIN move ON move.account_id = account.id
        GROUP BY account.id HAVING account.balance_rial <> COALESCE(SUM(move.delta), 0)
        """,
    ),
    Check(
        "I3",
        "no account of a user or a tournament is below zero",
        """
        SELECT code || ': ' || balance_rial FROM wallet_ledgeraccount
        WHERE kind NOT IN ('gateway_clearing', 'sponsor', 'platform') AND (balance_rial < 0 OR allow_negative)
        """,
    ),
    Check(
        "I4",
        "each balance after a transfer follows from the one before",
        """
        SELECT 'transfer ' || id || ' on account ' || account_id
        FROM (SELECT id, account_id, delta, after_rial,
                     LAG(after_rial, 1, 0::bigint) OVER (PARTITION BY account_id ORDER BY id) AS before_rial
              FROM move) chain
        WHERE before_rial + delta <> after_rial ORDER BY id
        """,
    ),
    Check(
        "I5",
        "a settled payment has exactly one deposit journal of its amount, and a deposit journal a settled payment",
        """
        SELECT 'payment ' || COALESCE(payment.id::text, '?') || ', journal ' || COALESCE(deposit.id::text, '?')
        FROM (SELECT * FROM wallet_payment WHERE status IN ('settled', 'reversed', 'refunded')) payment
        FULL JOIN (SELECT journal.id, journal.source_type, journal.source_id, SUM(transfer.amount_rial) AS amount_rial,
                          MIN(credit.code) AS to_account, COUNT(*) AS transfers,
                          MIN(debit.kind) AS from_kind
                   FROM wallet_journal journal
                   LEFT JOIN wallet_transfer transfer ON transfer.journal_id = journal.id
                   LEFT JOIN wallet_ledgeraccount credit ON credit.id = transfer.credit_id
                   LEFT JOIN wallet_ledgeraccount debit ON debit.id = transfer.debit_id
                   WHERE journal.kind = 'deposit' GROUP BY journal.id) deposit
          ON deposit.source_type = 'payment' AND deposit.source_id = payment.id::text
        WHERE payment.id IS NULL OR deposit.id IS NULL OR deposit.transfers <> 1
           OR deposit.amount_rial IS DISTINCT FROM payment.amount_rial OR deposit.from_kind <> 'gateway_clearing'
           OR deposit.to_account <> 'user:' || payment.user_id || ':deposited'
        """,
    ),
    Check(
        "I6",
        "the escrow of a closed tournament is empty",
        """
        SELECT code || ': ' || balance_rial FROM wallet_ledgeraccount
        WHERE closed_at IS NOT NULL AND balance_rial <> 0
        """,
    ),
    Check(
        "I7",
        "an escrow takes entries and prize money, and gives prizes, fee, refunds and the remainder; a refund is exact",
        """
        SELECT escrow.code || ': journal ' || journal.id || ' ' || journal.kind
        FROM move
        JOIN wallet_ledgeraccount escrow ON escrow.id = move.account_id AND escrow.kind = 'escrow'
        JOIN wallet_journal journal ON journal.id = move.journal_id
        WHERE CASE WHEN move.delta > 0 THEN journal.kind NOT IN ('entry_fee', 'prize_funding')
              ELSE journal.kind NOT IN ('refund', 'funding_return', 'prize', 'platform_fee', 'remainder') END
        UNION ALL
        SELECT 'journal ' || reversal.id || ' does not undo ' || COALESCE(reversal.reverses_id::text, 'any')
        FROM wallet_journal reversal
        WHERE reversal.kind IN ('refund', 'funding_return') AND (
          SELECT array_agg(ARRAY[credit_id, debit_id, amount_rial] ORDER BY credit_id, debit_id, amount_rial)
          FROM wallet_transfer WHERE journal_id = reversal.id
        ) IS DISTINCT FROM (
          SELECT array_agg(ARRAY[debit_id, credit_id, amount_rial] ORDER BY debit_id, credit_id, amount_rial)
          FROM wallet_transfer WHERE journal_id = reversal.reverses_id
        )
        """,
    ),
    Check(
        "I8",
        "held money is what open withdrawals hold (there are none)",
        "SELECT code || ': ' || balance_rial FROM wallet_ledgeraccount WHERE kind = 'held' AND balance_rial <> 0",
    ),
    Check(
        "I9",
        "no journal is without transfers",
        """
        SELECT 'journal ' || journal.id FROM wallet_journal journal
        WHERE NOT EXISTS (SELECT 1 FROM wallet_transfer transfer WHERE transfer.journal_id = journal.id)
        """,
    ),
    Check(
        "I10",
        "what the gateway owes us is the sum of the settled payments",
        """
        SELECT 'clearing ' || clearing.owed || ' is not ' || payments.settled
        FROM (SELECT COALESCE(-SUM(balance_rial), 0) AS owed
              FROM wallet_ledgeraccount WHERE kind = 'gateway_clearing') clearing,
             (SELECT COALESCE(SUM(amount_rial), 0) AS settled
              FROM wallet_payment WHERE status IN ('settled', 'reversed', 'refunded')) payments
        WHERE clearing.owed <> payments.settled
        """,
    ),
)


def check() -> list[Finding]:
    """Every invariant, in order, with what breaks it. Reads the whole books: for tests, drills and nightly runs."""
    findings = []
    with connection.cursor() as cursor:
        for one in CHECKS:
            cursor.execute(_QUERY.format(one.sql))
            findings.append(Finding(one.code, one.says, tuple(row[0] for row in cursor.fetchall())))
    return findings
