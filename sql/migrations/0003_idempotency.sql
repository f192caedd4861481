-- The answers to requests that carried an Idempotency-Key, each written with what it tells of.

CREATE TABLE idempotency_keys (
    owner text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    -- SHA-256 of the body's JSON value
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    status integer NOT NULL CHECK (status BETWEEN 200 AND 299),
    location text NOT NULL,
    body bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (owner, method, path, key)
);

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
