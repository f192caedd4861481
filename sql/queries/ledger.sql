-- The ledger: the only statements that change a status. Each changes at most one generation, and
-- only from where the caller believes it to be (compare-and-set); no row means it was elsewhere.
-- Every one runs under the lock of the plot (plots.sql), is followed by `append`, and the two
-- commit together.

-- name: accept^
-- nothing → pending. No row when the character has a generation in flight.
INSERT INTO generations (
    id, plot_id, character_id, owner, first_seq, seq, status, max_attempts, character_name,
    description, prompt, seed, provider, model, estimate_low_seconds, estimate_high_seconds,
    queued_at, deadline_at, fails_over
)
SELECT
    :generation_id,
    p.id,
    :character_id,
    p.owner,
    p.seq + 1,
    p.seq + 1,
    'pending',
    :max_attempts,
    :character_name,
    :description,
    :prompt,
    :seed,
    :provider,
    :model,
    coalesce(learnt.low_seconds, :stated_low_seconds),
    coalesce(learnt.high_seconds, :stated_high_seconds),
    clock.at,
    clock.at + make_interval(secs => :deadline_seconds),
    :fails_over
FROM plots AS p
CROSS JOIN (SELECT clock_timestamp() AS at) AS clock
LEFT JOIN LATERAL (
    SELECT
        round(cast(percentile_cont(0.5) WITHIN GROUP (ORDER BY took.seconds) AS numeric), 1)
            AS low_seconds,
        round(cast(percentile_cont(0.9) WITHIN GROUP (ORDER BY took.seconds) AS numeric), 1)
            AS high_seconds
    FROM (
        SELECT extract(EPOCH FROM g.finished_at - g.started_at) AS seconds
        FROM generations AS g
        WHERE g.provider = :provider AND g.model = :model AND g.status = 'completed'
        ORDER BY g.finished_at DESC
        LIMIT 200
    ) AS took
    HAVING count(*) >= 5
) AS learnt ON TRUE
WHERE p.id = :plot_id
ON CONFLICT (character_id) WHERE status IN ('pending', 'generating') DO NOTHING
RETURNING id, NULL AS previous, queued_at AS at, dispatch;

-- name: take^
-- pending → generating: the next attempt, under a lease with a token of its own.
UPDATE generations AS g SET
    status = 'generating',
    attempt = g.attempt + 1,
    started_at = clock.at,
    lease_token = :token,
    lease_until = clock.at + make_interval(secs => :lease_seconds)
FROM (SELECT clock_timestamp() AS at) AS clock
WHERE
    g.id = :generation_id AND g.status = 'pending' AND g.attempt < g.max_attempts
    AND g.deadline_at > clock.at
RETURNING g.id, 'pending' AS previous, clock.at;

-- name: complete^
-- generating → completed, by the holder of the lease, with an image that is still claimed: of one
-- whose claim has run out the files may be gone. Locked, it is not removed before this commits.
WITH claimed AS (
    SELECT sha256
    FROM images
    WHERE sha256 = :sha256 AND check_at > clock_timestamp()
    FOR KEY SHARE
)

UPDATE generations AS g SET
    status = 'completed',
    finished_at = clock.at,
    lease_until = NULL,
    provider = coalesce(:provider, g.provider),
    model = :model,
    image = claimed.sha256
FROM (SELECT clock_timestamp() AS at) AS clock, claimed
WHERE g.id = :generation_id AND g.status = 'generating' AND g.lease_token = :token
RETURNING g.id, 'generating' AS previous, clock.at;

-- name: give_back^
-- generating → pending, if attempts remain: it goes to the queue anew. By the holder of the lease,
-- or by whoever has seen that the lease has run out. Not while an order of it was perhaps taken, of
-- which nothing is known that it could be asked for by: it would be paid twice.
UPDATE generations AS g SET
    status = 'pending',
    lease_until = NULL,
    last_error = :reason,
    dispatch = g.dispatch + 1,
    dispatched_at = clock.at
FROM (SELECT clock_timestamp() AS at) AS clock
WHERE
    g.id = :generation_id AND g.status = 'generating' AND g.lease_token = :token
    AND g.attempt < g.max_attempts AND (NOT :lapsed_only OR g.lease_until < clock.at)
    AND (
        :repeat_paid_orders
        OR NOT EXISTS (
            SELECT FROM orders AS o
            WHERE o.generation_id = g.id AND o.state = 'sent'
        )
    )
RETURNING g.id, 'generating' AS previous, clock.at, g.dispatch;

-- name: fail^
-- generating → failed, by the holder of the lease, or by whoever has seen that it has run out.
UPDATE generations AS g SET
    status = 'failed',
    finished_at = clock.at,
    lease_until = NULL,
    error = :error,
    error_code = :error_code,
    provider = coalesce(:provider, g.provider),
    model = coalesce(:model, g.model)
FROM (SELECT clock_timestamp() AS at) AS clock
WHERE
    g.id = :generation_id AND g.status = 'generating' AND g.lease_token = :token
    AND (NOT :lapsed_only OR g.lease_until < clock.at)
RETURNING g.id, 'generating' AS previous, clock.at;

-- name: expire^
-- pending or generating → failed: the deadline has passed.
UPDATE generations AS g SET
    status = 'failed',
    finished_at = clock.at,
    lease_until = NULL,
    error = :error,
    error_code = 'deadline_exceeded'
FROM (SELECT clock_timestamp() AS at) AS clock, generations AS before
WHERE
    g.id = :generation_id AND g.status IN ('pending', 'generating')
    AND g.deadline_at <= clock.at AND before.id = g.id
RETURNING g.id, before.status AS previous, clock.at;

-- name: cancel^
-- pending or generating → canceled.
UPDATE generations AS g SET
    status = 'canceled',
    finished_at = clock.at,
    lease_until = NULL
FROM (SELECT clock_timestamp() AS at) AS clock, generations AS before
WHERE
    g.id = :generation_id AND g.status IN ('pending', 'generating')
    AND before.id = g.id
RETURNING g.id, before.status AS previous, clock.at;

-- name: append^
-- The transition that belongs to the move just made, with the plot's next number.
WITH bumped AS (
    UPDATE plots AS p SET seq = p.seq + 1
    FROM generations AS g
    WHERE g.id = :generation_id AND p.id = g.plot_id
    RETURNING p.seq
),

numbered AS (
    UPDATE generations AS g SET seq = bumped.seq
    FROM bumped
    WHERE g.id = :generation_id
    RETURNING g.*
)

INSERT INTO transitions (
    plot_id, seq, generation_id, character_id, owner, move, previous, status, at, attempt,
    provider, model, started_at, image, error, error_code, last_error
)
SELECT
    plot_id,
    seq,
    id,
    character_id,
    owner,
    :move,
    :previous,
    status,
    :at,
    attempt,
    provider,
    model,
    started_at,
    image,
    error,
    error_code,
    last_error
FROM numbered
RETURNING plot_id, seq;

-- name: status_at^
-- One transition by its number.
SELECT *
FROM statuses
WHERE plot_id = :plot_id AND seq = :seq;

-- name: status_of_move^
-- The transition that a move made, if its commit went through.
SELECT *
FROM statuses
WHERE move = :move;

-- name: in_flight_of^
-- The newest transition of a character's generation in flight.
SELECT
    s.*,
    g.dispatch
FROM generations AS g
INNER JOIN statuses AS s ON g.plot_id = s.plot_id AND g.seq = s.seq
WHERE g.character_id = :character_id AND g.status IN ('pending', 'generating');

-- name: job_of^
-- What a worker needs to draw a generation it has taken.
SELECT
    g.character_name,
    g.description,
    g.seed,
    g.lease_token,
    g.dispatch,
    g.fails_over,
    extract(EPOCH FROM g.deadline_at - clock_timestamp()) AS seconds_left,
    o.id AS order_id,
    o.provider AS order_provider,
    o.model AS order_model,
    o.handle AS order_handle
FROM generations AS g
LEFT JOIN orders AS o ON g.id = o.generation_id AND o.state IN ('sent', 'taken')
WHERE g.id = :generation_id;

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
WHERE id = :generation_id AND status = 'generating' AND lease_token = :token
RETURNING id;
