{{- /*
Who may speak to whom; whatever is not here is refused. `traced`: spans of both stand parent and child in one
trace. `network`: `true` = a NetworkPolicy allows it; a word = only when `global.networkPolicy.<word>` names the
peers outside this release, who stand here as `dns`, `entry`, `scraper`, `callers` and the `external-…`, whose port follows their address where one is written.
PostgreSQL sends no spans of its own: its queries are client spans of whoever asks. Python reads the same lines
(tests/edges.py).
*/ -}}
{{- define "groundwork.edges" -}}
- {from: webapp, to: gateway, port: 8080, traced: true, network: true}
- {from: gateway, to: embedder, port: 8081, traced: true, network: true}
- {from: gateway, to: llm, port: 8000, traced: true, network: true}
- {from: gateway, to: feedback, port: 8082, traced: true, network: true}
- {from: gateway, to: postgres, port: 5432, traced: false, network: true}
- {from: worker, to: embedder, port: 8081, traced: true, network: true}
- {from: worker, to: feedback, port: 8082, traced: true, network: true}
- {from: worker, to: postgres, port: 5432, traced: false, network: true}
- {from: feedback, to: postgres, port: 5432, traced: false, network: true}
- {from: migrate, to: postgres, port: 5432, traced: false, network: true}
- {from: test, to: gateway, port: 8080, traced: false, network: true}
- {from: webapp, to: collector, port: 4318, traced: false, network: true}
- {from: gateway, to: collector, port: 4318, traced: false, network: true}
- {from: worker, to: collector, port: 4318, traced: false, network: true}
- {from: embedder, to: collector, port: 4318, traced: false, network: true}
- {from: feedback, to: collector, port: 4318, traced: false, network: true}
- {from: llm, to: collector, port: 4317, traced: false, network: true}
- {from: webapp, to: dns, port: 53, traced: false, network: dns}
- {from: gateway, to: dns, port: 53, traced: false, network: dns}
- {from: worker, to: dns, port: 53, traced: false, network: dns}
- {from: embedder, to: dns, port: 53, traced: false, network: dns}
- {from: feedback, to: dns, port: 53, traced: false, network: dns}
- {from: llm, to: dns, port: 53, traced: false, network: dns}
- {from: migrate, to: dns, port: 53, traced: false, network: dns}
- {from: models, to: dns, port: 53, traced: false, network: dns}
- {from: test, to: dns, port: 53, traced: false, network: dns}
- {from: collector, to: dns, port: 53, traced: false, network: dns}
- {from: entry, to: webapp, port: 8501, traced: false, network: entry}
- {from: entry, to: gateway, port: 8080, traced: false, network: entry}
- {from: scraper, to: gateway, port: 9080, traced: false, network: scraper}
- {from: scraper, to: worker, port: 9080, traced: false, network: scraper}
- {from: scraper, to: embedder, port: 8081, traced: false, network: scraper}
- {from: scraper, to: feedback, port: 8082, traced: false, network: scraper}
- {from: scraper, to: llm, port: 8000, traced: false, network: scraper}
- {from: scraper, to: collector, port: 8889, traced: false, network: scraper}
- {from: gateway, to: external-llm, port: 443, traced: false, network: llm}
- {from: gateway, to: external-postgres, port: 5432, traced: false, network: database}
- {from: worker, to: external-postgres, port: 5432, traced: false, network: database}
- {from: feedback, to: external-postgres, port: 5432, traced: false, network: database}
- {from: migrate, to: external-postgres, port: 5432, traced: false, network: database}
- {from: models, to: external-models, port: 443, traced: false, network: models}
- {from: collector, to: external-traces, port: 4317, traced: false, network: traces}
- {from: webapp, to: external-telemetry, port: 4318, traced: false, network: telemetry}
- {from: gateway, to: external-telemetry, port: 4318, traced: false, network: telemetry}
- {from: worker, to: external-telemetry, port: 4318, traced: false, network: telemetry}
- {from: embedder, to: external-telemetry, port: 4318, traced: false, network: telemetry}
- {from: feedback, to: external-telemetry, port: 4318, traced: false, network: telemetry}
- {from: llm, to: external-telemetry, port: 4317, traced: false, network: telemetry}
- {from: webapp, to: external-gateway, port: 8080, traced: false, network: neighbours}
- {from: gateway, to: external-embedder, port: 8081, traced: false, network: neighbours}
- {from: gateway, to: external-feedback, port: 8082, traced: false, network: neighbours}
- {from: worker, to: external-embedder, port: 8081, traced: false, network: neighbours}
- {from: worker, to: external-feedback, port: 8082, traced: false, network: neighbours}
- {from: callers, to: gateway, port: 8080, traced: false, network: callers}
- {from: callers, to: embedder, port: 8081, traced: false, network: callers}
- {from: callers, to: feedback, port: 8082, traced: false, network: callers}
- {from: callers, to: collector, port: 4317, traced: false, network: callers}
- {from: callers, to: collector, port: 4318, traced: false, network: callers}
{{- end -}}
