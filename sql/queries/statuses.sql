-- Reading what happened: snapshots, replay, polling. Nothing here writes.

-- name: newest_statuses
-- The newest transition of each of these characters' newest generation, in order of seq.
SELECT s.*
FROM unnest(cast(:character_ids AS uuid[])) AS wanted (id)
CROSS JOIN
    LATERAL (
        SELECT
            g.plot_id,
            g.seq
        FROM generations AS g
        WHERE g.character_id = wanted.id
        ORDER BY g.first_seq DESC
        LIMIT 1
    ) AS newest
INNER JOIN statuses AS s ON newest.plot_id = s.plot_id AND newest.seq = s.seq
ORDER BY s.seq;

-- name: polled_status
-- A character, its plot's number and the newest transition of its newest generation, in one read;
-- the columns of the transition are null when there is none, and there is no row when there is no
-- such character.
SELECT
    c.id AS asked_character_id,
    c.plot_id AS asked_plot_id,
    p.seq AS asked_plot_seq,
    s.*
FROM characters AS c
INNER JOIN plots AS p ON c.plot_id = p.id
LEFT JOIN LATERAL (
    SELECT
        g.plot_id,
        g.seq
    FROM generations AS g
    WHERE g.character_id = c.id
    ORDER BY g.first_seq DESC
    LIMIT 1
) AS newest ON TRUE
LEFT JOIN statuses AS s ON newest.plot_id = s.plot_id AND newest.seq = s.seq
WHERE c.id = :character_id AND c.owner = :owner AND c.deleted_at IS NULL;

-- name: plot_seq^
-- The number of a plot's newest transition; no row when there is no such plot.
SELECT seq
FROM plots
WHERE id = :plot_id AND owner = :owner AND deleted_at IS NULL;

-- name: plot_of_character^
-- The plot that a character is in; no row when there is no such character.
SELECT plot_id
FROM characters
WHERE id = :character_id AND owner = :owner AND deleted_at IS NULL;

-- name: openings
-- Of many plots, each with its number in the same instant: the newest transition of each of its
-- characters, or, for who has everything up to a number that it has come to, what came after, at
-- most so many. One row without a transition for a plot of which there is none to tell; no row for
-- a plot that there is not. The columns are those of statuses, which would look each transition up
-- once more, and its plot and its generation: here thousands are read at once. Plots, generations
-- and images are looked up one by one: planners who know of few, as there once were, would compare
-- each with each. What is asked is given as lines of an id and a number, if there is one, with
-- commas between: planners see how long an array is, and would make another plan each time, for a
-- millisecond; of such lines they know nothing, and the plan is kept.
SELECT
    asked.place,
    p.owner AS plot_owner,
    p.seq AS plot_seq,
    asked.after IS NULL OR asked.after > p.seq AS is_snapshot,
    t.*,
    i.*
FROM (
    SELECT
        listed.place,
        cast(split_part(listed.line, ' ', 1) AS uuid) AS plot_id,
        cast(nullif(split_part(listed.line, ' ', 2), '') AS bigint) AS after
    FROM string_to_table(:asked, ',') WITH ORDINALITY AS listed (line, place)
) AS asked
CROSS JOIN
    LATERAL (
        SELECT
            plots.id,
            plots.owner,
            plots.seq
        FROM plots
        WHERE plots.id = asked.plot_id AND plots.deleted_at IS NULL
        ORDER BY plots.id
        LIMIT 1
    ) AS p
LEFT JOIN LATERAL (
    (
        SELECT
            one.*,
            newest.max_attempts,
            newest.character_name,
            newest.prompt,
            newest.queued_at,
            newest.estimate_low_seconds,
            newest.estimate_high_seconds
        FROM characters AS c
        CROSS JOIN
            LATERAL (
                SELECT g.*
                FROM generations AS g
                WHERE g.character_id = c.id
                ORDER BY g.first_seq DESC
                LIMIT 1
            ) AS newest
        CROSS JOIN
            LATERAL (
                SELECT whole.*
                FROM transitions AS whole
                WHERE whole.plot_id = c.plot_id AND whole.seq = newest.seq
                ORDER BY whole.seq
                LIMIT 1
            ) AS one
        WHERE
            c.plot_id = p.id AND c.deleted_at IS NULL
            AND (asked.after IS NULL OR asked.after > p.seq)
    )
    UNION ALL
    (
        SELECT
            one.*,
            drawn.max_attempts,
            drawn.character_name,
            drawn.prompt,
            drawn.queued_at,
            drawn.estimate_low_seconds,
            drawn.estimate_high_seconds
        FROM (
            SELECT later.*
            FROM transitions AS later
            WHERE later.plot_id = p.id AND later.seq > asked.after AND asked.after <= p.seq
            ORDER BY later.seq
            LIMIT :count
        ) AS one
        CROSS JOIN
            LATERAL (
                SELECT g.*
                FROM generations AS g
                WHERE g.id = one.generation_id
                ORDER BY g.id
                LIMIT 1
            ) AS drawn
    )
) AS t ON TRUE
LEFT JOIN LATERAL (
    SELECT
        shown.sha256,
        shown.extension,
        shown.content_type,
        shown.width,
        shown.height,
        shown.size_bytes,
        shown.thumbnail
    FROM images AS shown
    WHERE shown.sha256 = t.image
    ORDER BY shown.sha256
    LIMIT 1
) AS i ON TRUE
ORDER BY asked.place, t.seq;

-- name: replay
-- What happened in a plot after a number, in order, at most so many at once.
SELECT *
FROM statuses
WHERE plot_id = :plot_id AND seq > :after
ORDER BY seq
LIMIT :count;

-- name: generation_history
-- The newest transitions of a character's generations, newest generation first.
SELECT s.*
FROM generations AS g
INNER JOIN statuses AS s ON g.plot_id = s.plot_id AND g.seq = s.seq
WHERE
    g.character_id = :character_id AND g.owner = :owner
    AND (cast(:before_seq AS bigint) IS NULL OR g.seq < :before_seq)
ORDER BY g.first_seq DESC
LIMIT :count;

-- name: generation_transitions
-- All transitions of one generation, in order; none when its character was deleted.
SELECT s.*
FROM statuses AS s
INNER JOIN characters AS c ON s.character_id = c.id
WHERE s.generation_id = :generation_id AND s.owner = :owner AND c.deleted_at IS NULL
ORDER BY s.seq;

-- name: owned_image^
-- An image, or the one a thumbnail belongs to, if a character of this owner's shows it.
SELECT i.*
FROM images AS i
WHERE
    (
        (i.sha256 = split_part(:name, '.', 1) AND i.extension = split_part(:name, '.', 2))
        OR i.thumbnail = :name
    )
    AND EXISTS (
        SELECT FROM shown_images AS s
        WHERE s.image = i.sha256 AND s.owner = :owner
    )
ORDER BY i.sha256
LIMIT 1;
