-- Moves as functions: one statement for whoever makes one, and so one round trip and one
-- transaction; what statements did one by one, these do in the same order and under the same locks,
-- so that a program of before may run beside.
--
-- They are VOLATILE, as functions are by default, and must stay so: each statement inside sees all
-- that was committed before it began, also while the statement before it waited for the lock. A
-- single statement, whatever its CTEs, reads as of before its own wait: it would lock the plot, and
-- then move a generation from where it was before another moved it.
--
-- Where a generation stands is compared by what its constraints make of the status: finished_at is
-- null while it is in flight, lease_until is not while it is generating. With the status itself
-- beside the id, planners take an index of all that is in flight for the better one, as it often is
-- empty when a plan is made, and walk through it with thousands in it.
--
-- Each first looks for the name of its move: one whose commit was not answered is asked again, and
-- is then found and not made again.

-- The lock under which a generation's plot counts, and the number of the next transition; null when
-- the generation is gone, or its plot is.
CREATE FUNCTION lock_plot_for(task uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    SELECT p.seq + 1 INTO number
    FROM generations AS g
    INNER JOIN plots AS p ON g.plot_id = p.id
    WHERE g.id = task AND p.deleted_at IS NULL
    FOR UPDATE OF p;
    RETURN number;
END $$;

-- The transition that belongs to the change just made of a generation, under the number that the
-- change has given it; and that number for its plot.
CREATE FUNCTION append_transition(task uuid, named uuid, before text, moment timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plots AS p SET seq = g.seq
    FROM generations AS g
    WHERE g.id = task AND p.id = g.plot_id;
    INSERT INTO transitions (
        plot_id, seq, generation_id, character_id, owner, move, previous, status, at, attempt,
        provider, model, started_at, image, error, error_code, last_error
    )
    SELECT
        g.plot_id,
        g.seq,
        g.id,
        g.character_id,
        g.owner,
        named,
        before,
        g.status,
        moment,
        g.attempt,
        g.provider,
        g.model,
        g.started_at,
        g.image,
        g.error,
        g.error_code,
        g.last_error
    FROM generations AS g
    WHERE g.id = task;
END $$;

-- nothing → pending, for a character of this owner's that is still as its prompt was made of; what
-- is in flight for it, begun now or not. No row when the character is gone or is another by now.
CREATE FUNCTION accept_generation(
    task uuid,
    of_character uuid,
    of_owner text,
    seen_name text,
    seen_description text,
    seen_style text,
    drawn_description text,
    drawn_prompt text,
    drawn_seed bigint,
    asked_provider text,
    asked_model text,
    stated_low_seconds double precision,
    stated_high_seconds double precision,
    attempts integer,
    deadline_seconds double precision,
    may_fail_over boolean
) RETURNS TABLE (told statuses, is_begun boolean, dispatched integer) LANGUAGE plpgsql AS $$
DECLARE
    plot record;
    moment timestamptz;
BEGIN
    -- the character is locked after the plot: one that left while this waited must not be found,
    -- and only what is locked is read anew after the wait
    SELECT p.id, p.seq + 1 AS number INTO plot
    FROM characters AS c
    INNER JOIN plots AS p ON c.plot_id = p.id
    WHERE
        c.id = of_character AND c.owner = of_owner AND c.deleted_at IS NULL
        AND c.name = seen_name AND c.description = seen_description AND p.style = seen_style
    FOR UPDATE OF p, c;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    moment := clock_timestamp();
    INSERT INTO generations (
        id, plot_id, character_id, owner, first_seq, seq, status, max_attempts, character_name,
        description, prompt, seed, provider, model, estimate_low_seconds, estimate_high_seconds,
        queued_at, deadline_at, fails_over
    )
    SELECT
        task,
        plot.id,
        of_character,
        of_owner,
        plot.number,
        plot.number,
        'pending',
        attempts,
        seen_name,
        drawn_description,
        drawn_prompt,
        drawn_seed,
        asked_provider,
        asked_model,
        coalesce(round(cast(learnt.seconds[1] AS numeric), 1), stated_low_seconds),
        coalesce(round(cast(learnt.seconds[2] AS numeric), 1), stated_high_seconds),
        moment,
        moment + make_interval(secs => deadline_seconds),
        may_fail_over
    FROM (
        SELECT
            CASE WHEN count(*) >= 5 THEN
                percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY took.seconds)
            END AS seconds
        FROM (
            SELECT date_part('epoch', g.finished_at - g.started_at) AS seconds
            FROM generations AS g
            WHERE
                g.provider = asked_provider AND g.model = asked_model AND g.status = 'completed'
            ORDER BY g.finished_at DESC
            LIMIT 200
        ) AS took
    ) AS learnt
    ON CONFLICT (character_id) WHERE status IN ('pending', 'generating') DO NOTHING;
    IF FOUND THEN
        PERFORM append_transition(task, task, NULL, moment);
    END IF;
    RETURN QUERY
    SELECT
        s,
        g.id = task,
        g.dispatch
    FROM generations AS g
    INNER JOIN statuses AS s ON g.plot_id = s.plot_id AND g.seq = s.seq
    WHERE g.character_id = of_character AND g.status IN ('pending', 'generating');
END $$;
