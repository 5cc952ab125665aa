{{- /*
Who may speak to whom; whatever is not here is refused. `traced`: spans of both stand parent and child in one
trace. `network`: a NetworkPolicy allows it. PostgreSQL sends no spans of its own: its queries are client spans of
whoever asks. Python reads the same lines (tests/edges.py).
*/ -}}
{{- define "groundwork.edges" -}}
- {from: webapp, to: gateway, port: 8080, traced: true, network: true}
- {from: gateway, to: embedder, port: 8081, traced: true, network: true}
- {from: gateway, to: llm, port: 8000, traced: true, network: true}
- {from: gateway, to: feedback, port: 8082, traced: true, network: true}
- {from: gateway, to: postgres, port: 5432, traced: false, network: true}
- {from: worker, to: embedder, port: 8081, traced: true, network: true}
- {from: worker, to: postgres, port: 5432, traced: false, network: true}
- {from: feedback, to: postgres, port: 5432, traced: false, network: true}
- {from: migrate, to: postgres, port: 5432, traced: false, network: true}
- {from: webapp, to: collector, port: 4318, traced: false, network: true}
- {from: gateway, to: collector, port: 4318, traced: false, network: true}
- {from: worker, to: collector, port: 4318, traced: false, network: true}
- {from: embedder, to: collector, port: 4318, traced: false, network: true}
- {from: feedback, to: collector, port: 4318, traced: false, network: true}
- {from: llm, to: collector, port: 4317, traced: false, network: true}
{{- end -}}
