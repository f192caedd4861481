"""What a year leaves in the database: how many stories of which length, and what writes them.

Rows lie in the order in which a year would have written them, so that a plot's are scattered over
the table, and ids are as random as Limner's own, although a number gives each of them: the plot of
number n (from 1) is `md5('plot' || n)`.
"""

from collections.abc import Callable

Tell = Callable[[str], None]
"""What is told of the progress, a line at a time."""
PLOTS = 5_000
"""Plots of a filling once over."""
LONG_EVERY = 10
"""Of so many plots, one is long."""
LONG_SEQ = 120
"""Transitions of a long plot: 40 generations of 8 characters; all others have 9, 3 and 2."""
ROUNDS = 40
"""Into so many parts the year is divided; a long plot has a generation in each."""
FILL_PLOTS = """
    INSERT INTO plots (id, owner, title, style, seq, created_at, updated_at)
    SELECT
        md5('plot' || n)::uuid, 'local', 'Story ' || n, 'watercolour, soft morning light',
        CASE WHEN n % $3 = 0 THEN $4 ELSE 9 END, at, at
    FROM
        generate_series($1::integer, $2::integer) AS n,
        LATERAL (SELECT now() - interval '366 days' + (n % 1000) * interval '1 minute' AS at) AS b
"""
FILL_CHARACTERS = """
    INSERT INTO characters (id, plot_id, owner, name, description, created_at, updated_at)
    SELECT
        md5('character' || n || ':' || c)::uuid, md5('plot' || n)::uuid, 'local',
        'Person ' || c || ' of ' || n, 'tall, with a scar on the left cheek, in a green coat, '
        || 'grey eyes and hair that was black once; number ' || c, at, at
    FROM
        generate_series($1::integer, $2::integer) AS n,
        LATERAL (SELECT now() - interval '366 days' + (n % 1000) * interval '1 minute' AS at) AS b,
        generate_series(1, CASE WHEN n % $3 = 0 THEN 8 ELSE 2 END) AS c
"""
FILL_ROUND = """
    WITH drawn AS MATERIALIZED (
        SELECT
            n, k,
            md5('generation' || n || ':' || k)::uuid AS id,
            md5('plot' || n)::uuid AS plot_id,
            md5('character' || n || ':' || c.number)::uuid AS character_id,
            c.number AS c,
            CASE WHEN k % 10 = 2 THEN 'failed' ELSE 'completed' END AS status,
            CASE WHEN k % 10 <> 2 THEN md5('a' || n || ':' || k) || md5('b' || n || ':' || k) END
                AS image,
            clock.at AS queued_at,
            clock.at + interval '40 ms' AS started_at,
            clock.at + (5000 + hashint4(n + k) % 4000) * interval '1 ms' AS finished_at
        FROM
            generate_series($1::integer, $2::integer) AS n,
            LATERAL (
                SELECT
                    CASE
                        WHEN n % $3 = 0 THEN $5 + 1
                        WHEN $5 >= n % 12 AND ($5 - n % 12) % 13 = 0 THEN ($5 - n % 12) / 13 + 1
                    END AS k
            ) AS turn,
            LATERAL (SELECT CASE WHEN n % $3 = 0 THEN (k - 1) % 8 + 1 ELSE least(k, 2) END) AS c
                (number),
            LATERAL (
                SELECT
                    now() - interval '365 days'
                    + ($5 + n::float8 / $4) * (interval '364 days' / $6::integer) AS at
            ) AS clock
        WHERE k <= CASE WHEN n % $3 = 0 THEN $6 ELSE 3 END
    ),

    pictured AS (
        INSERT INTO images (
            sha256, extension, content_type, width, height, size_bytes, thumbnail, created_at,
            check_at
        )
        SELECT
            image, 'png', 'image/png', 1024, 1024, 51069,
            md5('c' || image) || md5('d' || image) || '.webp', finished_at, NULL
        FROM drawn WHERE image IS NOT NULL
    ),

    made AS (
        INSERT INTO generations (
            id, plot_id, character_id, owner, first_seq, seq, status, attempt, max_attempts,
            character_name, description, prompt, provider, model, estimate_low_seconds,
            estimate_high_seconds, queued_at, started_at, finished_at, deadline_at, dispatched_at,
            lease_token, image, error, error_code
        )
        SELECT
            id, plot_id, character_id, 'local', 3 * k - 2, 3 * k, status, 1, 3,
            'Person ' || c || ' of ' || n, 'tall, with a scar on the left cheek, in a green coat, '
            || 'grey eyes and hair that was black once; number ' || c, 'Portrait of Person ' || c
            || ', head and shoulders. Tall, with a scar on the left cheek, in a green coat, grey '
            || 'eyes and hair that was black once. Style: watercolour, soft morning light.',
            'blank', 'square', 7, 9, queued_at, started_at, finished_at,
            queued_at + interval '600 s', queued_at, md5('lease' || id)::uuid, image,
            CASE WHEN image IS NULL THEN 'The provider does not want to draw this.' END,
            CASE WHEN image IS NULL THEN 'content_policy' END
        FROM drawn
    ),

    ordered AS (
        INSERT INTO orders (id, generation_id, attempt, provider, model, state, handle, sent_at)
        SELECT md5('order' || id)::uuid, id, 1, 'blank', 'square', 'taken', n::text, started_at
        FROM drawn WHERE image IS NOT NULL
    )

    INSERT INTO transitions (
        plot_id, seq, generation_id, character_id, owner, move, previous, status, at, attempt,
        provider, model, started_at, image, error, error_code
    )
    SELECT
        plot_id, 3 * k - 3 + step, id, character_id, 'local', md5(step || ':' || id)::uuid,
        (ARRAY[NULL, 'pending', 'generating'])[step],
        (ARRAY['pending', 'generating', status])[step],
        (ARRAY[queued_at, started_at, finished_at])[step],
        CASE step WHEN 1 THEN 0 ELSE 1 END, 'blank', 'square',
        CASE WHEN step > 1 THEN started_at END,
        CASE step WHEN 3 THEN image END,
        CASE WHEN step = 3 AND image IS NULL THEN 'The provider does not want to draw this.' END,
        CASE WHEN step = 3 AND image IS NULL THEN 'content_policy' END
    FROM drawn CROSS JOIN generate_series(1, 3) AS step
"""
