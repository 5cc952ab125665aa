{{- /*
Seconds from the order to end until the kill: preStop, then drain, then ten to spare; its clock starts with preStop.
The only place where they are added up.
*/ -}}
{{- define "common.grace" -}}
{{- $life := .values.lifecycle | default dict -}}
{{- $needed := add (int $life.preStopSeconds) (int $life.drainSeconds) 10 -}}
{{- $wanted := int $life.graceSeconds -}}
{{- if and $wanted (lt $wanted (int $needed)) -}}
{{- include "common.fail" (list .root (printf "%s: lifecycle.graceSeconds is %d, but preStopSeconds + drainSeconds + 10 is %d; write at least that, or 0 to have it computed" .spec.component $wanted $needed)) -}}
{{- end -}}
{{- $wanted | default $needed -}}
{{- end -}}

{{- /* Startup has the budget, readiness looks at what the part needs, liveness at the process alone. */ -}}
{{- define "common.probes" -}}
{{- $probes := .spec.probes -}}
{{- if $probes }}
startupProbe:
  {{- include "common.probe" (dict "probes" $probes "path" $probes.alive) | nindent 2 }}
  periodSeconds: 3
  timeoutSeconds: 3
  failureThreshold: {{ include "common.startupTries" . }}
readinessProbe:
  {{- include "common.probe" (dict "probes" $probes "path" $probes.ready) | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  {{- include "common.probe" (dict "probes" $probes "path" $probes.alive) | nindent 2 }}
  periodSeconds: 15
  timeoutSeconds: 10
  failureThreshold: 6
{{- end }}
{{- end -}}

{{- define "common.probe" -}}
{{- if kindIs "slice" .path -}}
exec: {command: {{ toJson .path }}}
{{- else if eq .path "tcp" -}}
tcpSocket: {port: {{ .probes.port }}}
{{- else -}}
httpGet: {path: {{ .path }}, port: {{ .probes.port }}}
{{- end -}}
{{- end -}}

{{- define "common.startupSeconds" -}}
{{- int ((.spec.profile | default dict).startupSeconds | default .values.startupSeconds | default 120) -}}
{{- end -}}

{{- define "common.startupTries" -}}
{{- div (add (include "common.startupSeconds" . | int) 2) 3 -}}
{{- end -}}
