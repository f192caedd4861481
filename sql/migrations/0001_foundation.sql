-- Plots, characters, generations and their transitions, with the law of states as constraints.
-- Every table has an owner from the start; composite keys keep a child with its parent's owner.

CREATE TABLE plots (
    id uuid PRIMARY KEY,
    owner text NOT NULL,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    style text NOT NULL CHECK (char_length(style) <= 200),
    -- the number of the newest transition; the row lock on it is what makes seq gapless
    seq bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, owner)
);

CREATE INDEX plots_newest ON plots (owner, created_at DESC, id DESC);

CREATE TABLE characters (
    id uuid PRIMARY KEY,
    plot_id uuid NOT NULL,
    owner text NOT NULL,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    description text NOT NULL CHECK (char_length(description) <= 4000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- a deleted character's transitions stay in the plot's sequence, so its row stays too
    deleted_at timestamptz,
    FOREIGN KEY (plot_id, owner) REFERENCES plots (id, owner) ON DELETE CASCADE,
    UNIQUE (id, plot_id, owner)
);

CREATE INDEX characters_in_order ON characters (plot_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE images (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    extension text NOT NULL CHECK (extension IN ('png', 'jpg', 'webp')),
    content_type text NOT NULL,
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    thumbnail text NOT NULL CHECK (thumbnail ~ '^[0-9a-f]{64}\.webp$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX images_by_thumbnail ON images (thumbnail);

CREATE TABLE generations (
    id uuid PRIMARY KEY,
    plot_id uuid NOT NULL,
    character_id uuid NOT NULL,
    owner text NOT NULL,
    -- the seq of its first and of its newest transition
    first_seq bigint NOT NULL,
    seq bigint NOT NULL CHECK (seq >= first_seq),
    status text NOT NULL
    CHECK (status IN ('pending', 'generating', 'completed', 'failed', 'canceled')),
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt BETWEEN 0 AND max_attempts),
    max_attempts integer NOT NULL CHECK (max_attempts >= 1),
    -- what is drawn, as it stood when the request was accepted
    character_name text NOT NULL,
    description text NOT NULL,
    prompt text NOT NULL,
    seed bigint CHECK (seed BETWEEN 0 AND 4294967295),
    provider text NOT NULL,
    model text NOT NULL,
    estimate_low_seconds double precision NOT NULL,
    estimate_high_seconds double precision NOT NULL,
    queued_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    deadline_at timestamptz NOT NULL,
    -- how often it was handed to the queue: each time under a new job id
    dispatch integer NOT NULL DEFAULT 1,
    dispatched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- who may write: the token is new for every take and stays after the end
    lease_token uuid,
    lease_until timestamptz,
    image text REFERENCES images (sha256),
    error text,
    error_code text,
    last_error text,
    FOREIGN KEY (plot_id, owner) REFERENCES plots (id, owner) ON DELETE CASCADE,
    FOREIGN KEY (character_id, plot_id, owner)
    REFERENCES characters (id, plot_id, owner) ON DELETE CASCADE,
    UNIQUE (id, plot_id, character_id, owner),
    CONSTRAINT generations_lease CHECK ((status = 'generating') = (lease_until IS NOT NULL)),
    CONSTRAINT generations_attempt CHECK (
        status IN ('pending', 'failed', 'canceled') OR attempt > 0
    ),
    CONSTRAINT generations_final CHECK (
        (status IN ('completed', 'failed', 'canceled')) = (finished_at IS NOT NULL)
    ),
    CONSTRAINT generations_image CHECK ((status = 'completed') = (image IS NOT NULL)),
    CONSTRAINT generations_error CHECK ((status = 'failed') = (error IS NOT NULL)),
    CONSTRAINT generations_error_code CHECK ((status = 'failed') = (error_code IS NOT NULL))
);

CREATE UNIQUE INDEX generations_one_in_flight ON generations (character_id)
WHERE status IN ('pending', 'generating');

CREATE INDEX generations_of_character ON generations (character_id, first_seq DESC);

CREATE INDEX generations_of_plot ON generations (plot_id);

CREATE INDEX generations_by_image ON generations (image) WHERE image IS NOT NULL;

CREATE INDEX generations_leased ON generations (lease_until) WHERE status = 'generating';

CREATE INDEX generations_waiting ON generations (dispatched_at) WHERE status = 'pending';

CREATE INDEX generations_durations ON generations (provider, model, finished_at DESC)
WHERE status = 'completed';

CREATE TABLE transitions (
    plot_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    generation_id uuid NOT NULL,
    character_id uuid NOT NULL,
    owner text NOT NULL,
    -- the writer's own name for this move: asked again after a lost commit, it is found here
    move uuid NOT NULL UNIQUE,
    previous text,
    status text NOT NULL,
    at timestamptz NOT NULL,
    attempt integer NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    started_at timestamptz,
    image text REFERENCES images (sha256),
    error text,
    error_code text,
    last_error text,
    PRIMARY KEY (plot_id, seq),
    FOREIGN KEY (generation_id, plot_id, character_id, owner)
    REFERENCES generations (id, plot_id, character_id, owner) ON DELETE CASCADE,
    CONSTRAINT transitions_table_of_moves CHECK (
        (coalesce(previous, 'nothing'), status) IN (
            ('nothing', 'pending'),
            ('pending', 'generating'),
            ('pending', 'failed'),
            ('pending', 'canceled'),
            ('generating', 'completed'),
            ('generating', 'pending'),
            ('generating', 'failed'),
            ('generating', 'canceled')
        )
    ),
    CONSTRAINT transitions_image CHECK ((status = 'completed') = (image IS NOT NULL)),
    CONSTRAINT transitions_error CHECK ((status = 'failed') = (error IS NOT NULL)),
    CONSTRAINT transitions_error_code CHECK ((status = 'failed') = (error_code IS NOT NULL)),
    CONSTRAINT transitions_of_generation UNIQUE (generation_id, seq, status)
);

-- A transition with all that its status object tells.
CREATE VIEW statuses AS
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
INNER JOIN generations AS g ON t.generation_id = g.id
LEFT JOIN images AS i ON t.image = i.sha256;
