-- Retention: claiming images before they are stored, and removing what nobody shows any more.

-- name: claim_image^
-- An image is about to be stored, and nobody shall look at it before so many seconds have passed,
-- or half of that at least. Gives the name that its thumbnail has. Who removes images waits for it.
SELECT
    claim_image(
        :lock_id,
        :hold_seconds,
        :sha256,
        :extension,
        :content_type,
        :width,
        :height,
        :size_bytes,
        :thumbnail
    ) AS thumbnail;

-- name: try_retention_lock^
-- One process at a time removes; the lock goes with the transaction.
SELECT pg_try_advisory_xact_lock(:lock_id) AS is_ours;

-- name: lock_claims!
-- The same lock as that of a claim, for oneself alone.
SELECT pg_advisory_xact_lock(:lock_id);

-- name: due_images
-- Images that it is time to look at. One that a generation is being completed with is left alone.
SELECT sha256
FROM images
WHERE check_at <= clock_timestamp()
ORDER BY check_at
LIMIT :count
FOR UPDATE SKIP LOCKED;

-- name: keep_if_shown^
-- Nothing to look at any more, if somebody shows the image; no row if nobody does.
UPDATE images AS i SET check_at = NULL
WHERE
    i.sha256 = :sha256
    AND EXISTS (
        SELECT FROM shown_images AS s
        WHERE s.image = i.sha256
    )
RETURNING i.sha256;

-- name: names_set_free
-- Of the names that an image and its thumbnail are stored under, those that no other image needs:
-- none that is shown, and none that has yet to be looked at and will be asked the same then.
SELECT mine.name
FROM images AS i
CROSS JOIN LATERAL (VALUES (i.thumbnail), (i.sha256 || '.' || i.extension)) AS mine (name)
WHERE
    i.sha256 = :sha256
    AND NOT EXISTS (
        SELECT FROM images AS other
        WHERE
            other.sha256 <> i.sha256
            AND (
                other.thumbnail = mine.name
                OR (
                    other.sha256 = split_part(mine.name, '.', 1)
                    AND other.extension = split_part(mine.name, '.', 2)
                )
            )
            AND (
                other.check_at IS NOT NULL
                OR EXISTS (
                    SELECT FROM shown_images AS s
                    WHERE s.image = other.sha256
                )
            )
    );

-- name: forget_image!
-- An image whose files are gone; its row goes too, unless transitions name it.
DELETE FROM images AS i
WHERE
    i.sha256 = :sha256
    AND NOT EXISTS (
        SELECT FROM generations AS g
        WHERE g.image = i.sha256
    )
    AND NOT EXISTS (
        SELECT FROM transitions AS t
        WHERE t.image = i.sha256
    );

-- name: look_again!
-- When to look at an image again; null for never, unless something happens to it.
UPDATE images SET check_at = clock_timestamp() + make_interval(secs => :after_seconds)
WHERE sha256 = :sha256;

-- name: deleted_plot^
-- The plot that was deleted longest ago and still has rows, but for those that must wait.
SELECT id
FROM plots
WHERE deleted_at IS NOT NULL AND id <> all(cast(:not_now AS uuid[]))
ORDER BY deleted_at
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: purge_generations^
-- So many generations of a deleted plot go, with their transitions; their images are looked at.
WITH chosen AS (
    SELECT
        id,
        image
    FROM generations
    WHERE plot_id = :plot_id
    ORDER BY id
    LIMIT :count
),

locked AS (
    SELECT i.sha256
    FROM images AS i
    WHERE i.sha256 IN (SELECT image FROM chosen)
    ORDER BY i.sha256
    FOR NO KEY UPDATE
),

marked AS (
    UPDATE images AS i SET check_at = greatest(i.check_at, clock_timestamp())
    FROM locked
    WHERE i.sha256 = locked.sha256
),

purged AS (
    DELETE FROM generations AS g USING chosen
    WHERE g.id = chosen.id
    RETURNING g.id
)

SELECT count(*) AS purged FROM purged;

-- name: purge_characters^
-- So many characters of a deleted plot go; no generation is left of it by now.
WITH purged AS (
    DELETE FROM characters
    WHERE
        id IN (
            SELECT c.id FROM characters AS c
            WHERE c.plot_id = :plot_id
            ORDER BY c.id
            LIMIT :count
        )
    RETURNING id
)

SELECT count(*) AS purged FROM purged;

-- name: purge_plot!
-- A deleted plot of which nothing else is left.
DELETE FROM plots
WHERE id = :plot_id;

-- name: purge_keys^
-- So many answers that are not given again any more.
WITH purged AS (
    DELETE FROM idempotency_keys
    WHERE
        ctid = any(
            array(
                SELECT k.ctid FROM idempotency_keys AS k
                WHERE k.expires_at <= clock_timestamp()
                ORDER BY k.expires_at
                LIMIT :count
                FOR UPDATE SKIP LOCKED
            )
        )
    RETURNING key
)

SELECT count(*) AS purged FROM purged;
