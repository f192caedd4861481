-- The law of moves, kept by the database itself, whoever writes.

-- A generation is what a transition of its own made of it. The two are written one after the other,
-- so this is looked at when they commit.
ALTER TABLE generations ADD CONSTRAINT generations_status_of_transition
FOREIGN KEY (id, seq, status) REFERENCES transitions (generation_id, seq, status)
DEFERRABLE INITIALLY DEFERRED;

-- And it never goes back to an earlier one: with the key above, no status changes but by the moves
-- that transitions allow.
CREATE FUNCTION generation_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq < OLD.seq THEN
        RAISE EXCEPTION 'generation % is past transition % already', OLD.id, NEW.seq
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER generations_go_on BEFORE UPDATE OF seq ON generations
FOR EACH ROW EXECUTE FUNCTION generation_goes_on();

CREATE UNIQUE INDEX transitions_one_beginning ON transitions (generation_id)
WHERE previous IS NULL;

CREATE UNIQUE INDEX transitions_one_end ON transitions (generation_id)
WHERE status IN ('completed', 'failed', 'canceled');

-- A transition follows the one before it in its plot, continues what its generation was, and tells
-- what plot and generation have become.
CREATE FUNCTION transition_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM generations AS g
        INNER JOIN plots AS p ON g.plot_id = p.id
        WHERE g.id = NEW.generation_id AND g.status = NEW.status
            AND g.seq = NEW.seq AND p.seq = NEW.seq
    ) THEN
        RAISE EXCEPTION 'transition % of plot % is not what happened', NEW.seq, NEW.plot_id
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.seq > 1 AND NOT EXISTS (
        SELECT FROM transitions WHERE plot_id = NEW.plot_id AND seq = NEW.seq - 1
    ) THEN
        RAISE EXCEPTION 'transition % of plot % would leave a gap', NEW.seq, NEW.plot_id
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.previous IS DISTINCT FROM (
        SELECT status FROM transitions
        WHERE generation_id = NEW.generation_id ORDER BY seq DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'transition % of plot % does not continue its generation',
            NEW.seq, NEW.plot_id
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER transitions_follow BEFORE INSERT ON transitions
FOR EACH ROW EXECUTE FUNCTION transition_follows();

-- A transition is never changed, and goes only when its plot goes.
CREATE FUNCTION transition_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM plots WHERE id = OLD.plot_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'transition % of plot % is never changed', OLD.seq, OLD.plot_id
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER transitions_stay BEFORE UPDATE OR DELETE ON transitions
FOR EACH ROW EXECUTE FUNCTION transition_stays();
