-- Plots: the stories, and the locks under which their sequences grow.

-- name: insert_plot^
-- A new story, with nothing in it.
INSERT INTO plots (id, owner, title, style)
VALUES (:plot_id, :owner, :title, :style)
RETURNING plots.*, 0 AS character_count;

-- name: get_plot^
-- One story of an owner.
SELECT
    p.*,
    (
        SELECT count(*) FROM characters AS c
        WHERE c.plot_id = p.id AND c.deleted_at IS NULL
    ) AS character_count
FROM plots AS p
WHERE p.id = :plot_id AND p.owner = :owner AND p.deleted_at IS NULL;

-- name: list_plots
-- A page of an owner's stories, newest first; the cursor is the last row of the page before.
SELECT
    p.*,
    (
        SELECT count(*) FROM characters AS c
        WHERE c.plot_id = p.id AND c.deleted_at IS NULL
    ) AS character_count
FROM plots AS p
WHERE
    p.owner = :owner AND p.deleted_at IS NULL
    AND (
        cast(:before_at AS timestamptz) IS NULL
        OR (p.created_at, p.id) < (cast(:before_at AS timestamptz), cast(:before_id AS uuid))
    )
ORDER BY p.created_at DESC, p.id DESC
LIMIT :count;

-- name: update_plot^
-- A story's new title or style; what is not given stays.
UPDATE plots AS p SET
    title = coalesce(:title, p.title),
    style = coalesce(:style, p.style),
    updated_at = CASE WHEN coalesce(:title, :style) IS NULL THEN p.updated_at ELSE now() END
WHERE p.id = :plot_id AND p.owner = :owner AND p.deleted_at IS NULL
RETURNING p.*, (
    SELECT count(*) FROM characters AS c
    WHERE c.plot_id = p.id AND c.deleted_at IS NULL
) AS character_count;

-- name: lock_plot^
-- A story that nobody may move, add to or remove meanwhile; no row when there is no such story.
SELECT id
FROM plots
WHERE id = :plot_id AND owner = :owner AND deleted_at IS NULL
FOR UPDATE;

-- name: delete_plot!
-- A story's end, for everybody at once; retention removes its rows.
UPDATE plots SET deleted_at = clock_timestamp()
WHERE id = :plot_id;

-- name: delete_characters!
-- All of a deleted story's people leave it.
UPDATE characters SET deleted_at = clock_timestamp()
WHERE plot_id = :plot_id AND deleted_at IS NULL;

-- name: in_flight_in
-- So many of what a story has in flight, in the order in which it was asked for.
SELECT id
FROM generations
WHERE plot_id = :plot_id AND status IN ('pending', 'generating')
ORDER BY first_seq
LIMIT :count;

-- name: lock_plot_of_character^
-- The lock under which a character's plot counts; held to the commit, it makes seq gapless. The
-- character is locked after it: one that left while this waited must not be found, and only what
-- is locked is read anew after the wait.
SELECT p.id AS plot_id
FROM characters AS c
INNER JOIN plots AS p ON c.plot_id = p.id
WHERE c.id = :character_id AND c.owner = :owner AND c.deleted_at IS NULL
FOR UPDATE OF p, c;
