-- Requests that are done once, however often they arrive.

-- name: try_key_lock^
-- Whether nobody else is answering the request with this key; if so, nobody else will be until the
-- end of this transaction. Two keys with the same hash merely wait for each other.
SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0)) AS is_ours;

-- name: first_answer^
-- What was answered to the first request with this key; no row when there was none, or long ago.
SELECT
    digest,
    status,
    location,
    body
FROM idempotency_keys
WHERE
    owner = :owner AND method = :method AND path = :path AND key = :key
    AND expires_at > clock_timestamp();

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
