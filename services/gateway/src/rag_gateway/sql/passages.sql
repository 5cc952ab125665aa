-- Both arms in one round trip and inside the caller's rights, which row-level security keeps before anything is
-- counted towards a limit. `meant` and `allowed` are read no further than somebody asks (a CTE is lazy): at most
-- one passage more than may be scanned exactly.
--   few allowed:  their distances are computed one by one (`exact`), and only they match words
--   many allowed: pgvector's index goes on until enough of them are found (`near`); when it ends early, all are
--                 compared (`again`)
-- What either arm found gets the scores of both (`found`), so that they can be weighed against each other.
-- OFFSET 0 keeps a subquery what it is, a look-up by key for each row: the planner does not know how few rows come.
-- BM25 as Lucene computes it (idf = ln(1 + (N - n + .5) / (n + .5)), k1 = 0.9, b = 0.4), from term frequencies,
-- so that updates and deletes never leave a stale weight behind. Its cost is the postings that are summed, so where
-- many are allowed the rarest terms lead (`led`), and commoner ones only add to the score of what those found
-- (`ranked`), as in MaxScore (Turtle and Flood, 1995) and WAND (Broder et al., 2003), yet with a bound on what is read
-- instead of one on the score (ADR 0015).

-- name: search_passages
WITH scope AS MATERIALIZED (
    SELECT id FROM collections WHERE name = ANY (%(collections)s::text[])
),
meant AS MATERIALIZED (
    SELECT d.id, d.current_version FROM documents d
     WHERE (%(collections)s::text[] IS NULL OR d.collection_id IN (SELECT id FROM scope))
       AND (%(filter)s::jsonpath IS NULL OR jsonb_path_match(d.metadata, %(filter)s::jsonpath, %(variables)s, true))
),
allowed AS MATERIALIZED (
    (SELECT c.id
       FROM meant m
      CROSS JOIN LATERAL (SELECT c.id FROM chunks c
                           WHERE c.tenant_id = current_tenant() AND c.document_id = m.id
                             AND c.version = m.current_version OFFSET 0) c
      WHERE %(narrowed)s
      LIMIT %(exact_up_to)s + 1)
    UNION ALL
    (SELECT c.id FROM chunks c WHERE NOT %(narrowed)s LIMIT %(exact_up_to)s + 1)
),
size AS MATERIALIZED (
    SELECT count(*) <= %(exact_up_to)s AS few FROM allowed
),
exact AS MATERIALIZED (
    (SELECT a.id AS chunk_id, v.distance
       FROM allowed a
      CROSS JOIN LATERAL (SELECT v.embedding <=> %(vector)s::halfvec AS distance FROM active_vectors v
                           WHERE v.tenant_id = current_tenant() AND v.chunk_id = a.id OFFSET 0) v
      WHERE %(vector)s::halfvec IS NOT NULL AND (SELECT few FROM size) AND %(narrowed)s
      ORDER BY v.distance
      LIMIT %(candidates)s)
    UNION ALL
    (SELECT a.id, v.embedding <=> %(vector)s::halfvec AS distance
       FROM allowed a
       JOIN active_vectors v ON v.chunk_id = a.id
      WHERE %(vector)s::halfvec IS NOT NULL AND (SELECT few FROM size) AND NOT %(narrowed)s
      ORDER BY distance
      LIMIT %(candidates)s)
),
near AS MATERIALIZED (
    SELECT v.chunk_id, v.embedding <=> %(vector)s::halfvec AS distance
      FROM active_vectors v
     CROSS JOIN LATERAL (
         SELECT FROM chunks c JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
          WHERE c.tenant_id = current_tenant() AND c.id = v.chunk_id
            AND (%(collections)s::text[] IS NULL OR d.collection_id IN (SELECT id FROM scope))
            AND (%(filter)s::jsonpath IS NULL OR jsonb_path_match(d.metadata, %(filter)s::jsonpath, %(variables)s, true))
         OFFSET 0) c
     WHERE %(vector)s::halfvec IS NOT NULL AND NOT (SELECT few FROM size)
     ORDER BY v.embedding <=> %(vector)s::halfvec
     LIMIT %(candidates)s
),
again AS MATERIALIZED (
    SELECT c.id AS chunk_id, v.embedding <=> %(vector)s::halfvec AS distance
      FROM chunks c
      JOIN active_vectors v ON v.tenant_id = c.tenant_id AND v.chunk_id = c.id
     WHERE %(vector)s::halfvec IS NOT NULL AND NOT (SELECT few FROM size)
       AND (SELECT count(*) FROM near) < %(candidates)s
       AND (NOT %(narrowed)s OR c.document_id IN (SELECT id FROM meant))
     ORDER BY (v.embedding <=> %(vector)s::halfvec) + 0 -- not by the index
     LIMIT %(candidates)s
),
weights AS MATERIALIZED (
    SELECT w.*, (SELECT few FROM size) OR sum(w.postings) OVER rarest <= greatest(%(read_up_to)s, w.chunks / 5)
                OR coalesce(sum(w.postings) OVER (rarest ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                   < %(candidates)s AS leads
      FROM (SELECT t.term, n.postings, s.chunks, 0.9::float * 0.4::float * s.chunks / greatest(s.length, 1) AS slope,
                   ln(1 + (greatest(s.chunks - n.postings, 0) + 0.5) / (n.postings + 0.5))::float AS idf
              FROM lexical_statistics s
             CROSS JOIN unnest(%(terms)s::bigint[]) AS t (term)
             CROSS JOIN LATERAL (SELECT count(*) AS postings FROM postings p
                                  WHERE p.tenant_id = current_tenant() AND p.term = t.term OFFSET 0) n
             WHERE n.postings > 0) w
    WINDOW rarest AS (ORDER BY w.postings, w.term)
),
parts AS NOT MATERIALIZED (
    SELECT p.chunk_id, w.leads, w.idf * p.frequency / (p.frequency + 0.54::float + w.slope * p.length) AS score
      FROM weights w
     CROSS JOIN LATERAL (SELECT p.chunk_id, p.frequency, p.length FROM postings p
                          WHERE p.tenant_id = current_tenant() AND p.term = w.term OFFSET 0) p
     WHERE %(lexical)s AND ((SELECT NOT few FROM size) OR p.chunk_id IN (SELECT id FROM allowed))
),
led AS MATERIALIZED (
    SELECT chunk_id, score
      FROM (SELECT chunk_id, score FROM parts WHERE leads AND (SELECT count(*) = 1 FROM weights WHERE leads)
            UNION ALL
            SELECT chunk_id, sum(score) FROM parts WHERE leads AND (SELECT count(*) > 1 FROM weights WHERE leads)
             GROUP BY chunk_id) AS every_one
     ORDER BY score DESC, chunk_id
     LIMIT %(ranked_up_to)s
),
ranked AS MATERIALIZED (
    SELECT chunk_id, round(1e9 * sum(score)) / 1e9 AS score
      FROM (SELECT chunk_id, score FROM led
            UNION ALL
            SELECT p.chunk_id, w.idf * p.frequency / (p.frequency + 0.54::float + w.slope * p.length)
              FROM weights w
             CROSS JOIN LATERAL (SELECT p.chunk_id, p.frequency, p.length FROM postings p
                                  WHERE p.tenant_id = current_tenant() AND p.term = w.term
                                    AND p.chunk_id = ANY (ARRAY(SELECT chunk_id FROM led)) OFFSET 0) p
             WHERE NOT w.leads) AS every_term
     GROUP BY chunk_id
),
-- In the order of `m`, which is already sorted: a look-up by key for each row keeps it, and stops at the limit.
lexical AS MATERIALIZED (
    SELECT m.chunk_id, m.score
      FROM ((SELECT chunk_id, score FROM ranked ORDER BY score DESC, chunk_id)
            UNION ALL -- read only when those above are too few
            (SELECT chunk_id, round(1e9 * sum(score)) / 1e9 AS score FROM parts
              WHERE (SELECT count(*) = %(ranked_up_to)s OR EXISTS (SELECT FROM weights WHERE NOT leads) FROM led)
                AND chunk_id NOT IN (SELECT chunk_id FROM led)
              GROUP BY chunk_id ORDER BY score DESC, chunk_id)) AS m
     CROSS JOIN LATERAL (
         SELECT FROM chunks c JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
          WHERE c.tenant_id = current_tenant() AND c.id = m.chunk_id
            AND (%(collections)s::text[] IS NULL OR d.collection_id IN (SELECT id FROM scope))
            AND (%(filter)s::jsonpath IS NULL OR jsonb_path_match(d.metadata, %(filter)s::jsonpath, %(variables)s, true))
         OFFSET 0) c
     LIMIT %(candidates)s
),
dense AS MATERIALIZED (
    SELECT chunk_id, 1 - min(distance) AS score
      FROM (SELECT * FROM exact UNION ALL SELECT * FROM near UNION ALL SELECT * FROM again) AS every_way
     GROUP BY chunk_id
     ORDER BY score DESC
     LIMIT %(candidates)s
),
found AS MATERIALIZED (
    SELECT chunk_id, coalesce(dense.score, 1 - v.distance) AS dense, coalesce(lexical.score, m.score) AS lexical
      FROM dense
      FULL JOIN lexical USING (chunk_id)
      LEFT JOIN LATERAL (SELECT v.embedding <=> %(vector)s::halfvec AS distance FROM active_vectors v
                          WHERE v.tenant_id = current_tenant() AND v.chunk_id = coalesce(dense.chunk_id, lexical.chunk_id)
                            AND dense.score IS NULL OFFSET 0) v ON true
      LEFT JOIN LATERAL (
          SELECT round(1e9 * sum(w.idf * p.frequency / (p.frequency + 0.54::float + w.slope * p.length))) / 1e9 AS score
            FROM weights w
           CROSS JOIN LATERAL (SELECT p.frequency, p.length FROM postings p
                                WHERE p.tenant_id = current_tenant() AND p.term = w.term
                                  AND p.chunk_id = dense.chunk_id OFFSET 0) p
           WHERE %(lexical)s AND lexical.score IS NULL) m ON true
)
SELECT about.*, found.*, p.*
  FROM (SELECT (SELECT jsonb_object_agg(term, idf) FROM weights) AS idf,
               (SELECT jsonb_object_agg(name, current_setting(name)) FROM unnest(%(settings)s::text[]) AS s (name)) AS settings,
               ARRAY(SELECT name FROM unnest(%(collections)s::text[]) AS wanted (name)
                      WHERE NOT EXISTS (SELECT FROM collections c WHERE c.name = wanted.name)) AS unknown) AS about
  LEFT JOIN found ON true
  LEFT JOIN LATERAL (
      SELECT c.document_id, c.version, coalesce(d.title, '') AS title, d.uri, d.metadata, c.page, c.start_char,
             c.end_char, c.heading, c.text, c.units
        FROM chunks c
        JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
       WHERE c.tenant_id = current_tenant() AND c.id = found.chunk_id OFFSET 0) p ON true

-- name: schema_state
SELECT v.version_num, (SELECT m.name FROM embedding_models m WHERE m.state = 'active') AS embedding_model
  FROM migrations.alembic_version v
