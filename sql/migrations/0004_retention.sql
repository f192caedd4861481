-- What may go when nobody shows it any more, and how it is found.

-- A deleted plot is gone at once for everybody who reads; its rows, which may be many, are removed
-- in portions afterwards.
ALTER TABLE plots ADD COLUMN deleted_at timestamptz;

CREATE INDEX plots_deleted ON plots (deleted_at) WHERE deleted_at IS NOT NULL;

-- When to look whether the image is still shown; null when there is nothing to look at: it is
-- shown, or its files are gone and the row stays only for the transitions that name it. A worker
-- that is about to store an image puts this far ahead, and nobody but time brings it nearer.
ALTER TABLE images ADD COLUMN check_at timestamptz DEFAULT now();

CREATE INDEX images_to_check ON images (check_at) WHERE check_at IS NOT NULL;

-- for the foreign key, when an image's row is deleted
CREATE INDEX transitions_by_image ON transitions (image) WHERE image IS NOT NULL;

-- The images that somebody shows, and whose they are. History counts: an earlier image of a
-- character is shown until the character is deleted. A deleted plot's characters are deleted.
CREATE VIEW shown_images AS
SELECT
    g.image,
    g.owner
FROM generations AS g
INNER JOIN characters AS c ON g.character_id = c.id
WHERE g.image IS NOT NULL AND c.deleted_at IS NULL;

-- A transition of a plot that lives, with all that its status object tells.
CREATE OR REPLACE VIEW statuses AS
SELECT
    t.plot_id,
    t.seq,
    t.character_id,
    t.generation_id,
    t.owner,
    t.move,
    t.previous,
    t.status,
    t.at,
    t.attempt,
    t.provider,
    t.model,
    t.started_at,
    t.error,
    t.error_code,
    t.last_error,
    g.max_attempts,
    g.character_name,
    g.prompt,
    g.queued_at,
    g.estimate_low_seconds,
    g.estimate_high_seconds,
    i.sha256,
    i.extension,
    i.content_type,
    i.width,
    i.height,
    i.size_bytes,
    i.thumbnail
FROM transitions AS t
INNER JOIN plots AS p ON t.plot_id = p.id
INNER JOIN generations AS g ON t.generation_id = g.id
LEFT JOIN images AS i ON t.image = i.sha256
WHERE p.deleted_at IS NULL;

-- A transition is never changed, and goes only when its plot goes or is deleted already.
CREATE OR REPLACE FUNCTION transition_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (
        SELECT FROM plots WHERE id = OLD.plot_id AND deleted_at IS NULL
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'transition % of plot % is never changed', OLD.seq, OLD.plot_id
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
