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
), account AS (
  SELECT *, wallet_balance(id) AS total_rial FROM wallet_ledgeraccount
), broken AS ({}
) SELECT * FROM broken LIMIT 20
"""

CHECKS = (
    Check(
        "I1",
        "the balances of all accounts sum to zero",
        "SELECT 'sum ' || SUM(total_rial) FROM account HAVING SUM(total_rial) <> 0",
    ),
    Check(
        "I2",
        "a balance is the sum of the account's transfers, and a seal the sum up to it",
        """
        SELECT account.code || ': ' || account.total_rial || ' is not ' || COALESCE(moved.total, 0)
        FROM account LEFT JOIN (SELECT account_id, SUM(delta) AS total FROM move GROUP BY account_id) moved
          ON moved.account_id = account.id
        WHERE account.total_rial <> COALESCE(moved.total, 0)
        UNION ALL
        SELECT account.code || ' up to ' || seal.through_id || ': ' || seal.balance_rial || ' is not ' || sealed.total
        FROM wallet_seal seal JOIN account ON account.id = seal.account_id
        CROSS JOIN LATERAL (
          SELECT COALESCE((SELECT SUM(amount_rial) FROM wallet_transfer
                           WHERE credit_id = seal.account_id AND id <= seal.through_id), 0)
               - COALESCE((SELECT SUM(amount_rial) FROM wallet_transfer
                           WHERE debit_id = seal.account_id AND id <= seal.through_id), 0) AS total) sealed
        WHERE seal.balance_rial <> sealed.total
        """,
    ),
    Check(
        "I3",
        "no account of a user or a tournament is below zero",
        """
        SELECT code || ': ' || total_rial FROM account
        WHERE (total_rial < 0 AND NOT allow_negative)
           OR (allow_negative AND (owner_id IS NOT NULL OR tournament_id IS NOT NULL))
        """,
    ),
    Check(
        "I4",
        "each balance after a transfer follows from the one before; accounts without a balance row have none",
        """
        SELECT 'transfer ' || chain.id || ' on account ' || chain.account_id
        FROM (SELECT id, account_id, delta, after_rial,
                     LAG(after_rial, 1, 0::bigint) OVER (PARTITION BY account_id ORDER BY id) AS before_rial
              FROM move) chain
        JOIN wallet_ledgeraccount account ON account.id = chain.account_id
        WHERE CASE WHEN account.balance_rial IS NULL THEN chain.after_rial IS NOT NULL
              ELSE chain.before_rial + chain.delta IS DISTINCT FROM chain.after_rial END ORDER BY chain.id
        """,
    ),
    Check(
        "I5",
        "a settled payment has exactly one deposit journal of its amount, and a deposit journal a settled payment; "
        "what goes back has left the wallet once",
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
        UNION ALL
        SELECT 'payment ' || COALESCE(payment.id::text, '?') || ', refund ' || COALESCE(refund.id::text, '?')
        FROM (SELECT * FROM wallet_payment WHERE status IN ('reversed', 'refunded')) payment
        FULL JOIN (SELECT * FROM wallet_refund WHERE status = 'done') refund ON refund.payment_id = payment.id
        WHERE payment.id IS NULL OR refund.id IS NULL
        UNION ALL
        SELECT 'refund ' || refund.id || ' ' || refund.status
        FROM wallet_refund refund JOIN wallet_payment payment ON payment.id = refund.payment_id
        LEFT JOIN wallet_ledgeraccount deposited ON deposited.code = 'user:' || payment.user_id || ':deposited'
        WHERE COALESCE((
          SELECT -SUM(move.delta) FROM move JOIN wallet_journal journal ON journal.id = move.journal_id
          WHERE move.account_id = deposited.id AND journal.kind = 'deposit_refund'
            AND journal.key IN ('refund:' || refund.id, 'reverse:refund:' || refund.id)
        ), 0) <> CASE WHEN refund.status IN ('sending', 'done') THEN refund.amount_rial ELSE 0 END
        """,
    ),
    Check(
        "I6",
        "the escrow of a closed tournament is empty",
        """
        SELECT code || ': ' || total_rial FROM account WHERE closed_at IS NOT NULL AND total_rial <> 0
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
        "what is held for a user is the sum of the withdrawals that are not with the bank yet",
        """
        SELECT COALESCE(account.code, 'user ' || open.user_id) || ': ' || COALESCE(account.balance_rial, 0)
               || ' is not ' || COALESCE(open.total, 0)
        FROM (SELECT * FROM wallet_ledgeraccount WHERE kind = 'held') account
        FULL JOIN (SELECT user_id, SUM(amount_rial) AS total FROM wallet_withdrawal
                   WHERE status IN ('requested', 'approved') GROUP BY user_id) open ON open.user_id = account.owner_id
        WHERE COALESCE(account.balance_rial, 0) <> COALESCE(open.total, 0)
        """,
    ),
    Check(
        "I9",
        "no journal is without transfers, and none of their users, journals and accounts is missing",
        """
        SELECT 'journal ' || journal.id FROM wallet_journal journal
        WHERE NOT EXISTS (SELECT 1 FROM wallet_transfer transfer WHERE transfer.journal_id = journal.id)
        UNION ALL
        SELECT 'journal ' || journal.id || ' of user ' || journal.user_id FROM wallet_journal journal
        WHERE journal.user_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM users_user person WHERE person.id = journal.user_id)
        UNION ALL
        SELECT 'transfer ' || transfer.id || ' of journal ' || transfer.journal_id FROM wallet_transfer transfer
        WHERE NOT EXISTS (SELECT 1 FROM wallet_journal journal WHERE journal.id = transfer.journal_id)
        UNION ALL
        SELECT 'transfer ' || move.id || ' of account ' || move.account_id FROM move
        WHERE NOT EXISTS (SELECT 1 FROM wallet_ledgeraccount one WHERE one.id = move.account_id)
        """,
    ),
    Check(
        "I10",
        "what the gateways owe us is the sum of the settled payments without what they have settled or reversed",
        """
        SELECT 'clearing ' || clearing.owed || ' is not ' || payments.settled
        FROM (SELECT COALESCE(-SUM(total_rial), 0) AS owed FROM account WHERE kind = 'gateway_clearing') clearing,
             (SELECT COALESCE(SUM(amount_rial), 0)
                     - (SELECT COALESCE(SUM(amount_rial + fee_rial), 0) FROM wallet_gatewaysettlement)
                     - (SELECT COALESCE(SUM(amount_rial), 0) FROM wallet_refund
                        WHERE method = 'reversal' AND status IN ('sending', 'done')) AS settled
              FROM wallet_payment WHERE status IN ('settled', 'reversed', 'refunded')) payments
        WHERE clearing.owed <> payments.settled
        """,
    ),
    Check(
        "I11",
        "what is handed to the bank for users is the sum of the withdrawals that it has not answered",
        """
        SELECT 'payout_clearing ' || clearing.sent || ' is not ' || withdrawals.total
        FROM (SELECT COALESCE(SUM(total_rial), 0) AS sent FROM account WHERE kind = 'payout_clearing') clearing,
             (SELECT COALESCE(SUM(amount_rial), 0) AS total
              FROM wallet_withdrawal WHERE status = 'submitted') withdrawals
        WHERE clearing.sent <> withdrawals.total
        """,
    ),
    Check(
        "I12",
        "a batch holds as many withdrawals, and as much, as its document says",
        """
        SELECT batch.message_id FROM wallet_payoutbatch batch
        LEFT JOIN wallet_withdrawal withdrawal ON withdrawal.batch_id = batch.id GROUP BY batch.id
        HAVING COUNT(withdrawal.id) <> batch.count OR COALESCE(SUM(withdrawal.amount_rial), 0) <> batch.total_rial
        """,
    ),
    Check(
        "I13",
        "a withdrawal has left its owner's winnings, or is back there whole; the bank has what is paid, and no other",
        """
        SELECT 'withdrawal ' || withdrawal.id || ' ' || withdrawal.status
        FROM wallet_withdrawal withdrawal
        LEFT JOIN (SELECT journal.source_id,
                          SUM(move.delta) FILTER (WHERE account.kind = 'winnings') AS winnings,
                          COUNT(DISTINCT account.owner_id) AS owners, MIN(account.owner_id) AS owner_id,
                          SUM(move.delta) FILTER (WHERE account.kind = 'bank') AS bank
                   FROM wallet_journal journal JOIN move ON move.journal_id = journal.id
                   JOIN wallet_ledgeraccount account ON account.id = move.account_id
                   WHERE journal.source_type = 'withdrawal' GROUP BY journal.source_id) moved
          ON moved.source_id = withdrawal.reference
        WHERE moved.owners IS DISTINCT FROM 1 OR moved.owner_id <> withdrawal.user_id
           OR COALESCE(moved.winnings, 0) <> CASE WHEN withdrawal.status IN ('rejected', 'returned', 'cancelled') THEN 0
                                             ELSE -withdrawal.amount_rial END
           OR COALESCE(moved.bank, 0) <> CASE WHEN withdrawal.status = 'paid' THEN withdrawal.amount_rial ELSE 0 END
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
