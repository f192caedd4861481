-- What is asked again and again of all that somebody watches. Nothing here writes. Whatever it is,
-- it is looked up one by one: for many, planners would read all that there are.

-- name: strayed_plots
-- Of many plots with the numbers that they should have come to, given as lists with commas, those
-- that have not, or are further: one question, however many streams are open. Null: it is gone.
SELECT
    watched.plot_id,
    p.seq
FROM
    unnest(
        cast(string_to_array(:plot_ids, ',') AS uuid[]),
        cast(string_to_array(:heads, ',') AS bigint[])
    ) AS watched (plot_id, head)
LEFT JOIN LATERAL (
    SELECT one.seq
    FROM plots AS one
    WHERE one.id = watched.plot_id AND one.deleted_at IS NULL
    ORDER BY one.id
    LIMIT 1
) AS p ON TRUE
WHERE p.seq IS DISTINCT FROM watched.head;

-- name: gone_characters
-- Which of these characters were deleted, by themselves or with their plot.
SELECT watched.id
FROM unnest(cast(:character_ids AS uuid[])) AS watched (id)
LEFT JOIN LATERAL (
    SELECT one.id
    FROM characters AS one
    WHERE one.id = watched.id AND one.deleted_at IS NULL
    ORDER BY one.id
    LIMIT 1
) AS c ON TRUE
WHERE c.id IS NULL;

-- name: queue_places
-- Of many plots, the number and, in the same instant, who waits in the queue and behind how many of
-- all who wait. No row for a plot in which nobody does and whose number is the one given with it;
-- one with nobody if it is another, and one without a number for a plot that is gone. The plots are
-- given as lines of an id and a number, with commas between: of such a function's rows planners
-- expect many, as there are, and of an array's ten when they do not know it.
SELECT
    watched.plot_id,
    p.seq AS plot_seq,
    queue.generation_id,
    queue.character_id,
    queue.place AS position
FROM (
    SELECT
        cast(split_part(listed.line, ' ', 1) AS uuid) AS plot_id,
        cast(split_part(listed.line, ' ', 2) AS bigint) AS head
    FROM string_to_table(:watched, ',') AS listed (line)
) AS watched
LEFT JOIN LATERAL (
    SELECT
        one.id,
        one.seq
    FROM plots AS one
    WHERE one.id = watched.plot_id AND one.deleted_at IS NULL
    ORDER BY one.id
    LIMIT 1
) AS p ON TRUE
LEFT JOIN queue_positions() AS queue ON p.id = queue.plot_id
WHERE queue.generation_id IS NOT NULL OR p.seq IS DISTINCT FROM watched.head
ORDER BY queue.place;
