-- What was ordered from providers that charge, so that nothing is paid twice.

-- Whether another provider may draw it when the one asked for can't: not if the user chose one.
ALTER TABLE generations ADD COLUMN fails_over boolean NOT NULL DEFAULT FALSE;

CREATE TABLE orders (
    -- the worker's own name for it: written again after a lost commit, it is found here
    id uuid PRIMARY KEY,
    generation_id uuid NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
    attempt integer NOT NULL CHECK (attempt >= 1),
    provider text NOT NULL,
    model text NOT NULL,
    -- sent: perhaps taken. taken: and to be asked for by its handle. refused: by the provider's own
    -- word. given_up: it was perhaps taken, and another was sent for it all the same
    state text NOT NULL DEFAULT 'sent'
    CHECK (state IN ('sent', 'taken', 'refused', 'given_up')),
    handle text CHECK (char_length(handle) <= 16000),
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT orders_handle CHECK (state != 'taken' OR handle IS NOT NULL)
);

CREATE INDEX orders_of_generation ON orders (generation_id);

-- the law itself: while an order is perhaps taken, there is no other
CREATE UNIQUE INDEX orders_one_open ON orders (generation_id) WHERE state IN ('sent', 'taken');
