-- Characters, each with its newest status and its newest completed image.

-- name: insert_character^
-- A new person in a story of this owner; no row when there is no such story.
INSERT INTO characters (id, plot_id, owner, name, description)
SELECT
    :character_id,
    p.id,
    p.owner,
    :name,
    :description
FROM plots AS p
WHERE p.id = :plot_id AND p.owner = :owner AND p.deleted_at IS NULL
FOR KEY SHARE
RETURNING *;

-- name: get_character^
-- One character of an owner.
SELECT *
FROM characters
WHERE id = :character_id AND owner = :owner AND deleted_at IS NULL;

-- name: list_characters
-- A story's characters in the order in which they were added.
SELECT *
FROM characters
WHERE plot_id = :plot_id AND owner = :owner AND deleted_at IS NULL
ORDER BY created_at, id;

-- name: update_character^
-- A character's new name or description; what is not given stays.
UPDATE characters SET
    name = coalesce(:name, name),
    description = coalesce(:description, description),
    updated_at = CASE WHEN coalesce(:name, :description) IS NULL THEN updated_at ELSE now() END
WHERE id = :character_id AND owner = :owner AND deleted_at IS NULL
RETURNING *;

-- name: delete_character^
-- A character leaves its story; its transitions stay in the story's sequence. Its images are to be
-- looked at: now, or when whoever is just storing one of them has had the time to.
WITH gone AS (
    UPDATE characters SET deleted_at = clock_timestamp()
    WHERE id = :character_id AND owner = :owner AND deleted_at IS NULL
    RETURNING
        id,
        plot_id
),

locked AS (
    SELECT i.sha256
    FROM images AS i
    WHERE
        i.sha256 IN (
            SELECT g.image FROM generations AS g
            INNER JOIN gone ON g.character_id = gone.id
        )
    ORDER BY i.sha256
    FOR NO KEY UPDATE
),

marked AS (
    UPDATE images AS i SET check_at = greatest(i.check_at, clock_timestamp())
    FROM locked
    WHERE i.sha256 = locked.sha256
)

SELECT plot_id FROM gone;

-- name: newest_portraits
-- The newest completed image of each of these characters.
SELECT DISTINCT ON (g.character_id)
    g.character_id,
    i.sha256,
    i.extension,
    i.content_type,
    i.width,
    i.height,
    i.size_bytes,
    i.thumbnail
FROM generations AS g
INNER JOIN images AS i ON g.image = i.sha256
WHERE g.character_id = any(cast(:character_ids AS uuid[]))
ORDER BY g.character_id ASC, g.first_seq DESC;
