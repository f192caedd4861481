-- The moves that end a generation from outside, and what goes with moves, as functions; see 0009.

-- pending or generating → failed: the deadline has passed.
CREATE FUNCTION expire_generation(task uuid, named uuid, sentence text)
RETURNS SETOF statuses LANGUAGE plpgsql AS $$
DECLARE
    number bigint := lock_plot_for(task);
    moment timestamptz := clock_timestamp();
    before text;
BEGIN
    IF number IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM transitions AS t WHERE t.move = named) THEN
        UPDATE generations AS g SET
            status = 'failed',
            seq = number,
            finished_at = moment,
            lease_until = NULL,
            error = sentence,
            error_code = 'deadline_exceeded'
        FROM generations AS was
        WHERE
            g.id = task AND g.finished_at IS NULL AND g.deadline_at <= moment
            AND was.id = g.id
        RETURNING was.status INTO before;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        PERFORM append_transition(task, named, before, moment);
    END IF;
    RETURN QUERY SELECT s.* FROM statuses AS s WHERE s.move = named;
END $$;

-- pending or generating → canceled.
CREATE FUNCTION cancel_generation(task uuid, named uuid)
RETURNS SETOF statuses LANGUAGE plpgsql AS $$
DECLARE
    number bigint := lock_plot_for(task);
    moment timestamptz := clock_timestamp();
    before text;
BEGIN
    IF number IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM transitions AS t WHERE t.move = named) THEN
        UPDATE generations AS g SET
            status = 'canceled',
            seq = number,
            finished_at = moment,
            lease_until = NULL
        FROM generations AS was
        WHERE g.id = task AND g.finished_at IS NULL AND was.id = g.id
        RETURNING was.status INTO before;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        PERFORM append_transition(task, named, before, moment);
    END IF;
    RETURN QUERY SELECT s.* FROM statuses AS s WHERE s.move = named;
END $$;

-- An order is about to be sent, by the holder of the lease; under the lock of the plot, so that
-- nobody takes the generation over without seeing it. False while another is perhaps taken, and
-- null when the lease is lost. With `repeats`, one that was perhaps taken, and of which nothing is
-- known, is given up for it, to be paid again.
CREATE FUNCTION place_order(
    new_id uuid, task uuid, token uuid, new_provider text, new_model text, repeats boolean
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    drawn_attempt integer;
BEGIN
    IF lock_plot_for(task) IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT g.attempt INTO drawn_attempt
    FROM generations AS g
    WHERE g.id = task AND g.lease_until IS NOT NULL AND g.lease_token = token;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF repeats THEN
        UPDATE orders AS o SET state = 'given_up'
        WHERE o.generation_id = task AND o.state = 'sent' AND o.id != new_id;
    END IF;
    INSERT INTO orders (id, generation_id, attempt, provider, model)
    SELECT
        new_id,
        task,
        drawn_attempt,
        new_provider,
        new_model
    WHERE
        NOT EXISTS (
            SELECT FROM orders AS o
            WHERE o.generation_id = task AND o.state IN ('sent', 'taken') AND o.id != new_id
        )
    ON CONFLICT (id) DO UPDATE SET id = excluded.id;
    RETURN FOUND;
END $$;

-- An image is about to be stored, and nobody shall look at it before so many seconds have passed.
-- Nothing is removed until this has committed, and others may claim as well: the lock is shared.
-- It is taken first, and the image read after it, so that a removal that was waited for is seen.
-- One that is left alone for half of that anyway is not written to: many may draw the same square.
-- Gives the name that its thumbnail has: an older program may have made another of the same image.
CREATE FUNCTION claim_image(
    lock_id bigint,
    hold_seconds double precision,
    new_sha256 text,
    new_extension text,
    new_content_type text,
    new_width integer,
    new_height integer,
    new_size_bytes bigint,
    new_thumbnail text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz;
    stored text;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock_id);
    moment := clock_timestamp();
    SELECT i.thumbnail INTO stored
    FROM images AS i
    WHERE
        i.sha256 = new_sha256
        AND i.check_at >= moment + make_interval(secs => hold_seconds) / 2;
    IF NOT FOUND THEN
        INSERT INTO images AS i (
            sha256, extension, content_type, width, height, size_bytes, thumbnail, check_at
        )
        VALUES (
            new_sha256,
            new_extension,
            new_content_type,
            new_width,
            new_height,
            new_size_bytes,
            new_thumbnail,
            moment + make_interval(secs => hold_seconds)
        )
        ON CONFLICT (sha256) DO UPDATE SET check_at = greatest(i.check_at, excluded.check_at)
        RETURNING i.thumbnail INTO stored;
    END IF;
    RETURN stored;
END $$;

-- Whether nobody else is answering the request with this key; if so, nobody else will be until the
-- end of this transaction, and what was answered to it is given, if it was, and not long ago. It is
-- read after the lock was got, so it is seen of one who has just had it. Two keys with the same
-- hash merely wait for each other.
CREATE FUNCTION lock_key(
    of_owner text, of_method text, of_path text, named text
) RETURNS TABLE (
    is_ours boolean, digest bytea, status integer, location text, body bytea
) LANGUAGE plpgsql AS $$
BEGIN
    is_ours := pg_try_advisory_xact_lock(
        hashtextextended(concat_ws(E'\n', of_owner, of_method, of_path, named), 0)
    );
    IF is_ours THEN
        SELECT k.digest, k.status, k.location, k.body INTO digest, status, location, body
        FROM idempotency_keys AS k
        WHERE
            k.owner = of_owner AND k.method = of_method AND k.path = of_path AND k.key = named
            AND k.expires_at > clock_timestamp();
    END IF;
    RETURN NEXT;
END $$;
