-- Orders sent to providers that charge. Nothing here changes a status.

-- name: place_order^
-- An order is about to be sent, by the holder of the lease: true. False while another is perhaps
-- taken, and null when the lease is lost.
SELECT place_order(:order_id, :generation_id, :token, :provider, :model, :repeats) AS is_placed;

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
