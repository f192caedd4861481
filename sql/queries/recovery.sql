-- Recovery: finding what nobody is looking after any more. Nothing here changes a status.

-- name: try_recovery_lock^
-- One process at a time recovers; the lock goes with the transaction, and that with its time limit.
SELECT pg_try_advisory_xact_lock(:lock_id) AS is_ours;

-- name: lapsed_leases
-- Attempts whose worker has not renewed its lease. A plot that somebody holds locked is left to the
-- next sweep: to wait for it would hold up all others, each time again.
SELECT
    g.id,
    g.lease_token,
    g.attempt,
    g.max_attempts,
    o.id IS NOT NULL AS is_perhaps_paid
FROM generations AS g
INNER JOIN plots AS p ON g.plot_id = p.id
LEFT JOIN orders AS o ON g.id = o.generation_id AND o.state = 'sent'
WHERE g.status = 'generating' AND g.lease_until < clock_timestamp()
ORDER BY g.lease_until
LIMIT :count
FOR SHARE OF p SKIP LOCKED;

-- name: overdue
-- Generations that should have been final by now, but for locked plots, as above.
SELECT g.id
FROM generations AS g
INNER JOIN plots AS p ON g.plot_id = p.id
WHERE g.status IN ('pending', 'generating') AND g.deadline_at <= clock_timestamp()
ORDER BY g.deadline_at
LIMIT :count
FOR SHARE OF p SKIP LOCKED;

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
WHERE
    id = :generation_id AND finished_at IS NULL AND lease_until IS NULL
    AND dispatch = :seen_dispatch
RETURNING dispatch;
