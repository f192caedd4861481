-- Requests that are done once, however often they arrive.

-- name: lock_key^
-- Whether nobody else is answering the request with this key, nor will be until the end of this
-- transaction; and what was answered to the first, null when there was none, or long ago.
SELECT *
FROM lock_key(:owner, :method, :path, :key);

-- name: keep_answer!
-- The answer for those who ask again; in place of one that has expired.
INSERT INTO idempotency_keys (
    owner, method, path, key, digest, status, location, body, expires_at
)
VALUES (
    :owner,
    :method,
    :path,
    :key,
    :digest,
    :status,
    :location,
    :body,
    clock_timestamp() + make_interval(secs => :keep_seconds)
)
ON CONFLICT (owner, method, path, key) DO UPDATE SET
    digest = excluded.digest,
    status = excluded.status,
    location = excluded.location,
    body = excluded.body,
    expires_at = excluded.expires_at;
