-- Orders sent to providers that charge. Nothing here changes a status.

-- name: place_order^
-- An order is about to be sent, by the holder of the lease; under the lock of the plot, so that
-- nobody takes the generation over without seeing it. No row while another is perhaps taken.
INSERT INTO orders (id, generation_id, attempt, provider, model)
SELECT
    :order_id,
    g.id,
    g.attempt,
    :provider,
    :model
FROM generations AS g
WHERE
    g.id = :generation_id
    AND NOT EXISTS (
        SELECT FROM orders AS o
        WHERE o.generation_id = g.id AND o.state IN ('sent', 'taken') AND o.id != :order_id
    )
ON CONFLICT (id) DO UPDATE SET id = excluded.id
RETURNING id;

-- name: give_up_order!
-- An order that was perhaps taken, of which nothing is known, and which is to be paid again.
UPDATE orders SET state = 'given_up'
WHERE generation_id = :generation_id AND state = 'sent' AND id != :order_id;

-- name: is_leased^
-- Whether the lease is still held, by whoever is about to order; under the lock of the plot.
SELECT id
FROM generations
WHERE id = :generation_id AND status = 'generating' AND lease_token = :token;

-- name: keep_handle^
-- What the provider gave to ask for an order by. Whoever holds the lease now: it is the truth.
UPDATE orders SET
    state = 'taken',
    handle = :handle
WHERE id = :order_id AND state IN ('sent', 'taken')
RETURNING id;

-- name: refuse_order^
-- The provider will not fill it.
UPDATE orders SET state = 'refused'
WHERE id = :order_id AND state IN ('sent', 'taken')
RETURNING id;
