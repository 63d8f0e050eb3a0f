"""What the fake payment gateways share: the payer's page, HTTP, and misbehaving on command. All of it in memory.

A gateway misbehaves when told so at its control door, once per order and in the order given::

    POST /_control  {"next": [{"on": "verify", "do": "code:-52"}, {"on": "pay", "do": "callbacks:50"}]}
    POST /_control  {"reset": true}        forget the orders and the counts
    GET  /_control                         {"calls": {"verify": 3}, "sessions": 7}

``on`` is an operation of the gateway's API (``request``, ``verify``, ``inquiry`` …) or ``pay``, the payer's decision.

Instead of carrying the call out:

- ``code:N``: answer the code N, a success or an error, and do nothing else

Before the call is carried out:

- ``wrong_amount``: the payer has paid another amount (1 Rial less)
- ``verified_before``: somebody has verified the payment already
- ``reversed``: the payment has been reversed meanwhile

The call is carried out, and its answer is spoilt as a line that breaks does:

- ``hang:S``: answer after S seconds · ``timeout``: after 30 seconds
- ``http:N``: with the HTTP status N · ``redirect`` · ``drop``: close the connection instead
- ``html`` · ``truncate`` · ``empty`` · ``garbage`` · ``big``: 10 MB · ``json:TEXT``: this text

On ``pay``:

- ``drop_callback``: the payer never comes back
- ``double_callback`` · ``callbacks:N``: the payer's browser comes back twice, N times
"""
