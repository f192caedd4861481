-- Recovery: finding what nobody is looking after any more. Nothing here changes a status.

-- name: try_recovery_lock^
-- One process at a time recovers; the lock goes with the connection.
SELECT pg_try_advisory_lock(:lock_id) AS is_ours;

-- name: release_recovery_lock^
-- The next one may.
SELECT pg_advisory_unlock(:lock_id) AS was_ours;

-- name: lapsed_leases
-- Attempts whose worker has not renewed its lease.
SELECT
    id,
    lease_token,
    attempt,
    max_attempts
FROM generations
WHERE status = 'generating' AND lease_until < clock_timestamp()
ORDER BY lease_until
LIMIT :count;

-- name: overdue
-- Generations that should have been final by now.
SELECT id
FROM generations
WHERE status IN ('pending', 'generating') AND deadline_at <= clock_timestamp()
ORDER BY deadline_at
LIMIT :count;

-- name: long_waiting
-- Generations that were handed to the queue a while ago and still wait, after one already seen.
SELECT
    id,
    dispatch,
    dispatched_at
FROM generations
WHERE
    status = 'pending'
    AND dispatched_at < clock_timestamp() - make_interval(secs => :waiting_seconds)
    AND (dispatched_at, id) > (:after_at, :after_id)
ORDER BY dispatched_at, id
LIMIT :count;

-- name: dispatch_again^
-- Count another handing-over; no row when somebody else has done it, or it waits no more.
UPDATE generations SET
    dispatch = dispatch + 1,
    dispatched_at = clock_timestamp()
WHERE id = :generation_id AND status = 'pending' AND dispatch = :seen_dispatch
RETURNING dispatch;
