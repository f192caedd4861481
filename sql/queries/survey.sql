-- Looking at the whole queue, for those who run it. Nothing here writes.

-- name: survey
-- All that waits, is being drawn or has just ended, as of one instant: how many there are, and of
-- each list the first so many, with the seconds that each past phase took; one row with no
-- generation when all lists are empty. What is of somebody deleted, as with a deleted plot all are,
-- is counted and not listed. What is listed is joined one by one: a plan that is made before its
-- count is known would read whole tables for it.
WITH clock AS MATERIALIZED (
    SELECT clock_timestamp() AS at
),

counts AS (
    SELECT
        waiting.pending,
        drawn.generating,
        drawn.late,
        ended.completed,
        ended.failed,
        ended.canceled
    FROM (
        SELECT count(*) AS pending
        FROM generations
        WHERE status = 'pending'
    ) AS waiting
    CROSS JOIN (
        SELECT
            count(*) AS generating,
            count(*) FILTER (WHERE g.lease_until < clock.at) AS late
        FROM generations AS g
        CROSS JOIN clock
        WHERE g.status = 'generating'
    ) AS drawn
    CROSS JOIN (
        SELECT
            count(*) FILTER (WHERE g.status = 'completed') AS completed,
            count(*) FILTER (WHERE g.status = 'failed') AS failed,
            count(*) FILTER (WHERE g.status = 'canceled') AS canceled
        FROM generations AS g
        WHERE
            g.finished_at > (SELECT at - make_interval(secs => :window_seconds) FROM clock)
    ) AS ended
),

listed AS (
    (
        SELECT id
        FROM generations
        WHERE status = 'pending'
        ORDER BY dispatched_at, id
        LIMIT :count
    )
    UNION ALL
    (
        SELECT id
        FROM generations
        WHERE status = 'generating'
        ORDER BY started_at, id
        LIMIT :count
    )
    UNION ALL
    (
        SELECT g.id
        FROM generations AS g
        INNER JOIN characters AS c ON g.character_id = c.id
        WHERE g.finished_at IS NOT NULL AND c.deleted_at IS NULL
        ORDER BY g.finished_at DESC, g.id ASC
        LIMIT :count
    )
)

SELECT
    clock.at,
    counts.*,
    g.id,
    g.character_id,
    g.plot_id,
    g.character_name,
    p.title,
    g.status,
    g.attempt,
    g.max_attempts,
    g.provider,
    g.model,
    g.queued_at,
    g.dispatched_at,
    g.finished_at,
    g.estimate_low_seconds,
    g.estimate_high_seconds,
    g.error,
    g.error_code,
    g.last_error,
    i.thumbnail,
    CASE WHEN g.lease_until < clock.at THEN g.lease_until END AS late_since,
    past.since,
    past.statuses,
    past.attempts,
    past.seconds
FROM clock
CROSS JOIN counts
LEFT JOIN listed ON TRUE
LEFT JOIN LATERAL (
    SELECT one.*
    FROM generations AS one
    WHERE one.id = listed.id
    ORDER BY one.id
    LIMIT 1
) AS g ON TRUE
LEFT JOIN LATERAL (
    SELECT one.title
    FROM plots AS one
    WHERE one.id = g.plot_id
    ORDER BY one.id
    LIMIT 1
) AS p ON TRUE
LEFT JOIN LATERAL (
    SELECT one.thumbnail
    FROM images AS one
    WHERE one.sha256 = g.image
    ORDER BY one.sha256
    LIMIT 1
) AS i ON TRUE
LEFT JOIN LATERAL (
    SELECT
        max(step.at) AS since,
        array_agg(step.status ORDER BY step.seq) FILTER (WHERE step.seconds IS NOT NULL)
            AS statuses,
        array_agg(step.attempt ORDER BY step.seq) FILTER (WHERE step.seconds IS NOT NULL)
            AS attempts,
        array_agg(step.seconds ORDER BY step.seq) FILTER (WHERE step.seconds IS NOT NULL)
            AS seconds
    FROM (
        SELECT
            t.seq,
            t.status,
            t.attempt,
            t.at,
            cast(
                extract(EPOCH FROM lead(t.at) OVER (ORDER BY t.seq) - t.at)
                AS double precision
            ) AS seconds
        FROM transitions AS t
        WHERE t.generation_id = g.id
    ) AS step
) AS past ON TRUE
ORDER BY
    g.finished_at DESC, (CASE WHEN g.status = 'generating' THEN past.since END) ASC,
    g.dispatched_at ASC, g.id ASC;
