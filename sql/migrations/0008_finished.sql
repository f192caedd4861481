-- The newest that came to an end, and how many did in the last hour: from the index, whatever the
-- table holds.

CREATE INDEX generations_finished ON generations (finished_at DESC, id)
INCLUDE (status) WHERE finished_at IS NOT NULL;
