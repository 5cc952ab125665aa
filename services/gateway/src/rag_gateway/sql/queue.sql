-- name: take_turn
INSERT INTO turns AS t (tenant_id, last) SELECT current_tenant(), c.turn FROM ingest_clock c
ON CONFLICT (tenant_id) DO UPDATE SET last = greatest(t.last + 1, excluded.last)
RETURNING last
