{{- define "otel.spec" -}}
component: collector
uid: 10001
args: [--config=/etc/otelcol/config.yaml]
ports: {otlp-grpc: 4317, otlp-http: 4318, metrics: 8889, health: 13133}
probes: {port: health, alive: /, ready: /}
config: {{ include "otel.config" . | toJson }}
volumes: [{name: config, configMap: {name: {{ include "common.name" (list . "collector") }}}}]
mounts: [{name: config, mountPath: /etc/otelcol, readOnly: true}]
{{- end -}}

{{- /* Limits first, names and keys made equal, what people wrote removed, then out; spans are counted on the way. */ -}}
{{- define "otel.config" -}}
extensions:
  health_check: {endpoint: "0.0.0.0:13133"}
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "0.0.0.0:4317"}
      http: {endpoint: "0.0.0.0:4318"}
processors:
  memory_limiter: {check_interval: 1s, limit_percentage: 80, spike_limit_percentage: 25}
  transform:
    error_mode: ignore
    trace_statements:
      - context: span
        statements:
          # vLLM still says prompt and completion where the conventions say input and output.
          - set(attributes["gen_ai.usage.input_tokens"], attributes["gen_ai.usage.prompt_tokens"]) where attributes["gen_ai.usage.prompt_tokens"] != nil
          - set(attributes["gen_ai.usage.output_tokens"], attributes["gen_ai.usage.completion_tokens"]) where attributes["gen_ai.usage.completion_tokens"] != nil
  redaction:
    allow_all_keys: true
    blocked_key_patterns: ["gen_ai\\.(prompt|completion)(\\..*)?", "gen_ai\\.(input|output)\\.messages", "authorization", ".*api_key.*"]
  batch: {timeout: 1s}
connectors:
  span_metrics:
    histogram: {explicit: {buckets: [10ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s, 30s, 60s]}}
    metrics_flush_interval: 15s
exporters:
  debug: {verbosity: {{ .Values.logDetail }}}
  prometheus: {endpoint: "0.0.0.0:8889"}
  {{- with .Values.exportTo }}
  otlp_grpc:
    endpoint: {{ . | quote }}
    tls: {insecure: {{ not $.Values.exportTls }}}
  {{- end }}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter, transform, redaction, batch]
      exporters: [debug, span_metrics{{ if .Values.exportTo }}, otlp_grpc{{ end }}]
    metrics:
      receivers: [span_metrics]
      processors: [memory_limiter]
      exporters: [prometheus]
{{- end -}}
