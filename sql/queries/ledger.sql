-- The ledger: the only statements that change a status. Each is a function of the database (0009),
-- which locks the plot, changes at most one generation, and only from where the caller believes it
-- to be (compare-and-set), and appends the transition; no row means it was elsewhere. Each is a
-- transaction of its own, unless its caller is in one. Asked again with the name of a move that
-- landed already, it gives what that move made.

-- name: sitter^
-- Whom a request is for, as it is now; no row when this owner has no such character.
SELECT
    c.name,
    c.description,
    p.style
FROM characters AS c
INNER JOIN plots AS p ON c.plot_id = p.id
WHERE c.id = :character_id AND c.owner = :owner AND c.deleted_at IS NULL;

-- name: accept^
-- nothing → pending, or what is in flight already. No row when the character is not, or not any
-- more, what the prompt was made of.
SELECT
    (a.told).*,
    a.is_begun,
    a.dispatched
FROM accept_generation(
    :generation_id,
    :character_id,
    :owner,
    :seen_name,
    :seen_description,
    :seen_style,
    :description,
    :prompt,
    :seed,
    :provider,
    :model,
    :stated_low_seconds,
    :stated_high_seconds,
    :max_attempts,
    :deadline_seconds,
    :fails_over
) AS a;

-- name: take^
-- pending → generating, with what a worker needs to draw it; its token is the name of the move.
SELECT
    (t.told).*,
    t.description,
    t.seed,
    t.fails_over,
    t.seconds_left,
    t.order_id,
    t.order_provider,
    t.order_model,
    t.order_handle
FROM take_generation(:generation_id, :token, :lease_seconds) AS t;

-- name: complete^
-- generating → completed, by the holder of the lease, with an image that is still claimed.
SELECT *
FROM complete_generation(:generation_id, :move, :token, :provider, :model, :sha256);

-- name: give_back^
-- generating → pending, if attempts remain and nothing would be paid twice; and how often it will
-- have been handed to the queue.
SELECT
    (g.told).*,
    g.dispatched
FROM give_back_generation(
    :generation_id, :move, :token, :reason, :lapsed_only, :repeat_paid_orders
) AS g;

-- name: fail^
-- generating → failed, by the holder of the lease, or by whoever has seen that it has run out.
SELECT *
FROM fail_generation(
    :generation_id, :move, :token, :error_code, :error, :lapsed_only, :provider, :model
);

-- name: expire^
-- pending or generating → failed: the deadline has passed.
SELECT *
FROM expire_generation(:generation_id, :move, :error);

-- name: cancel^
-- pending or generating → canceled.
SELECT *
FROM cancel_generation(:generation_id, :move);

-- name: in_flight_of^
-- The generation that a character has in flight; under the lock of the plot it stays so.
SELECT id
FROM generations
WHERE character_id = :character_id AND status IN ('pending', 'generating');

-- name: provider_of^
-- Who will draw a generation: who has its order already, else who was asked for.
SELECT
    g.fails_over,
    coalesce(o.provider, g.provider) AS provider,
    o.id IS NOT NULL AS is_ordered
FROM generations AS g
LEFT JOIN orders AS o ON g.id = o.generation_id AND o.state IN ('sent', 'taken')
WHERE g.id = :generation_id;

-- name: renew^
-- A longer lease, for the one who holds it; no row when it is lost.
UPDATE generations
SET lease_until = clock_timestamp() + make_interval(secs => :lease_seconds)
WHERE id = :generation_id AND lease_until IS NOT NULL AND lease_token = :token
RETURNING id;
