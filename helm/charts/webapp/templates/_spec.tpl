{{- define "webapp.spec" -}}
{{- $policy := (include "common.global" . | fromYaml).networkPolicy -}}
{{- if and .Values.gatewayUrl $policy.enabled (not $policy.neighbours) -}}
{{- include "common.fail" (list . (printf "gatewayUrl is %s, but no policy lets us reach it; write global.networkPolicy.neighbours, for instance [{podSelector: {matchLabels: {app.kubernetes.io/instance: other}}}]" .Values.gatewayUrl)) -}}
{{- end -}}
component: webapp
uid: 10001
service: true
sticky: true
command: [python, -m, launch]
ports: {http: 8501}
probes: {port: http, alive: /_stcore/health, ready: /_stcore/health}
files: {gateway_api_key: webapp_key, cookie_secret: cookie_secret}
env:
  PORT: "8501"
  GATEWAY_URL: {{ .Values.gatewayUrl | default (include "common.url" (list . "gateway" 8080)) | quote }}
config: {{ .Values.branding | toJson }}
{{- if .Values.branding }}
volumes: [{name: branding, configMap: {name: {{ include "common.name" (list . "branding") }}}}]
mounts: [{name: branding, mountPath: /app/branding.toml, subPath: branding.toml, readOnly: true}]
{{- end }}
{{- end -}}
