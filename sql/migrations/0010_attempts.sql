-- The moves of an attempt, by the worker that has its lease, as functions; see 0009.

-- pending → generating: the next attempt, under a lease with a token of its own, which is the name
-- of the move as well; with what its worker needs to draw it.
CREATE FUNCTION take_generation(task uuid, token uuid, lease_seconds double precision)
RETURNS TABLE (
    told statuses,
    description text,
    seed bigint,
    fails_over boolean,
    seconds_left double precision,
    order_id uuid,
    order_provider text,
    order_model text,
    order_handle text
) LANGUAGE plpgsql AS $$
DECLARE
    number bigint := lock_plot_for(task);
    moment timestamptz := clock_timestamp();
BEGIN
    IF number IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM transitions AS t WHERE t.move = token) THEN
        UPDATE generations AS g SET
            status = 'generating',
            seq = number,
            attempt = g.attempt + 1,
            started_at = moment,
            lease_token = token,
            lease_until = moment + make_interval(secs => lease_seconds)
        WHERE
            g.id = task AND g.finished_at IS NULL AND g.lease_until IS NULL
            AND g.attempt < g.max_attempts AND g.deadline_at > moment;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        PERFORM append_transition(task, token, 'pending', moment);
    END IF;
    RETURN QUERY
    SELECT
        s,
        g.description,
        g.seed,
        g.fails_over,
        date_part('epoch', g.deadline_at - clock_timestamp()),
        o.id,
        o.provider,
        o.model,
        o.handle
    FROM statuses AS s
    INNER JOIN generations AS g ON s.generation_id = g.id
    LEFT JOIN orders AS o ON g.id = o.generation_id AND o.state IN ('sent', 'taken')
    WHERE s.move = token;
END $$;

-- generating → completed, by the holder of the lease, with an image that is still claimed: of one
-- whose claim has run out the files may be gone. Locked, it is not removed before this commits.
CREATE FUNCTION complete_generation(
    task uuid, named uuid, token uuid, drawn_provider text, drawn_model text, drawn text
) RETURNS SETOF statuses LANGUAGE plpgsql AS $$
DECLARE
    number bigint := lock_plot_for(task);
    moment timestamptz := clock_timestamp();
BEGIN
    IF number IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM transitions AS t WHERE t.move = named) THEN
        PERFORM FROM images AS i
        WHERE i.sha256 = drawn AND i.check_at > clock_timestamp()
        FOR KEY SHARE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        UPDATE generations AS g SET
            status = 'completed',
            seq = number,
            finished_at = moment,
            lease_until = NULL,
            provider = coalesce(drawn_provider, g.provider),
            model = drawn_model,
            image = drawn
        WHERE g.id = task AND g.lease_until IS NOT NULL AND g.lease_token = token;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        PERFORM append_transition(task, named, 'generating', moment);
    END IF;
    RETURN QUERY SELECT s.* FROM statuses AS s WHERE s.move = named;
END $$;

-- generating → pending, if attempts remain: it goes to the queue anew, and so often it did. By the
-- holder of the lease, or by whoever has seen that the lease has run out. Not while an order of it
-- was perhaps taken, of which nothing is known that it could be asked for by: it would be paid
-- twice.
CREATE FUNCTION give_back_generation(
    task uuid,
    named uuid,
    token uuid,
    reason text,
    lapsed_only boolean,
    repeat_paid_orders boolean
) RETURNS TABLE (told statuses, dispatched integer) LANGUAGE plpgsql AS $$
DECLARE
    number bigint := lock_plot_for(task);
    moment timestamptz := clock_timestamp();
BEGIN
    IF number IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM transitions AS t WHERE t.move = named) THEN
        UPDATE generations AS g SET
            status = 'pending',
            seq = number,
            lease_until = NULL,
            last_error = reason,
            dispatch = g.dispatch + 1,
            dispatched_at = moment
        WHERE
            g.id = task AND g.lease_until IS NOT NULL AND g.lease_token = token
            AND g.attempt < g.max_attempts AND (NOT lapsed_only OR g.lease_until < moment)
            AND (
                repeat_paid_orders
                OR NOT EXISTS (
                    SELECT FROM orders AS o
                    WHERE o.generation_id = g.id AND o.state = 'sent'
                )
            );
        IF NOT FOUND THEN
            RETURN;
        END IF;
        PERFORM append_transition(task, named, 'generating', moment);
    END IF;
    RETURN QUERY
    SELECT
        s,
        g.dispatch
    FROM statuses AS s
    INNER JOIN generations AS g ON s.generation_id = g.id
    WHERE s.move = named;
END $$;

-- generating → failed, by the holder of the lease, or by whoever has seen that it has run out.
CREATE FUNCTION fail_generation(
    task uuid,
    named uuid,
    token uuid,
    code text,
    sentence text,
    lapsed_only boolean,
    tried_provider text,
    tried_model text
) RETURNS SETOF statuses LANGUAGE plpgsql AS $$
DECLARE
    number bigint := lock_plot_for(task);
    moment timestamptz := clock_timestamp();
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
            error_code = code,
            provider = coalesce(tried_provider, g.provider),
            model = coalesce(tried_model, g.model)
        WHERE
            g.id = task AND g.lease_until IS NOT NULL AND g.lease_token = token
            AND (NOT lapsed_only OR g.lease_until < moment);
        IF NOT FOUND THEN
            RETURN;
        END IF;
        PERFORM append_transition(task, named, 'generating', moment);
    END IF;
    RETURN QUERY SELECT s.* FROM statuses AS s WHERE s.move = named;
END $$;
