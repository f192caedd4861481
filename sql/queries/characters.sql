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
WHERE p.id = :plot_id AND p.owner = :owner
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
-- A character leaves its story; its transitions stay in the story's sequence.
UPDATE characters SET deleted_at = clock_timestamp()
WHERE id = :character_id AND owner = :owner AND deleted_at IS NULL
RETURNING plot_id;

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
