-- A place in the queue is counted over all that wait, often: from the index alone, not the rows.

DROP INDEX generations_waiting;

CREATE INDEX generations_waiting ON generations (dispatched_at, id)
INCLUDE (plot_id, character_id) WHERE status = 'pending';
