-- Who waits in the queue, and behind how many.

-- A function, and in plpgsql, for the sake of what planners expect of it: of the rows that wait
-- they know as a rule that there are none, as there were when they last looked, and would compare
-- each of thousands with each of the thousands of plots that somebody watches. Whoever asks is told
-- of one instant, as the function sees what the statement sees that it is in.
CREATE FUNCTION queue_positions() RETURNS TABLE (
    generation_id uuid, plot_id uuid, character_id uuid, place bigint
) LANGUAGE plpgsql STABLE ROWS 1000 AS $$
BEGIN
    RETURN QUERY
    SELECT
        g.id,
        g.plot_id,
        g.character_id,
        row_number() OVER (ORDER BY g.dispatched_at, g.id) - 1
    FROM generations AS g
    WHERE g.status = 'pending';
END $$;
