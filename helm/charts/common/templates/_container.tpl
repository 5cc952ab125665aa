{{- define "common.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- /* The part's own container; takes what common.podTemplate takes. */ -}}
{{- define "common.container" -}}
{{- $spec := .spec -}}{{- $values := .values -}}
{{- $pod := $values.pod | default dict -}}
{{- $image := $spec.image | default $values.image -}}
image: {{ include "common.image" (list .root $image) | quote }}
imagePullPolicy: {{ $image.pullPolicy | default "IfNotPresent" }}
{{- with $spec.command }}
command: {{ toJson . }}
{{- end }}
{{- with $spec.args }}
args: {{ toJson . }}
{{- end }}
securityContext: {{ include "common.containerSecurity" . | nindent 2 }}
terminationMessagePolicy: FallbackToLogsOnError
{{- with $spec.ports }}
ports:
  {{- range $name, $number := . }}
  - {name: {{ $name }}, containerPort: {{ int64 $number }}, protocol: TCP}
  {{- end }}
{{- end }}
env:
  {{- $own := include "common.env" . | fromYamlArray }}
  {{- toYaml $own | nindent 2 }}
  {{- range $extra := $pod.extraEnv }}
  {{- range $own }}
  {{- if eq .name $extra.name }}
  {{- include "common.fail" (list $.root (printf "%s: pod.extraEnv names %s, which the chart sets already; write the value that stands for it, or another name" $spec.component .name)) }}
  {{- end }}
  {{- end }}
  - {{ toJson $extra }}
  {{- end }}
resources: {{ toYaml ($spec.resources | default $values.resources) | nindent 2 }}
{{- include "common.probes" . }}
{{- with int ($values.lifecycle | default dict).preStopSeconds }}
lifecycle: {preStop: {sleep: {seconds: {{ . }}}}}
{{- end }}
volumeMounts:
  {{- include "common.mounts" . | nindent 2 }}
  {{- with $pod.extraVolumeMounts }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end -}}

{{- /* One that runs before the part: (dict root init spec values); it sees the part's environment and secrets. */ -}}
{{- define "common.init" -}}
{{- $init := .init -}}
{{- $image := $init.image | default .spec.image | default .values.image -}}
- name: {{ $init.name }}
  image: {{ include "common.image" (list .root $image) | quote }}
  imagePullPolicy: {{ $image.pullPolicy | default "IfNotPresent" }}
  command: {{ toJson $init.command }}
  securityContext: {{ include "common.containerSecurity" . | nindent 4 }}
  terminationMessagePolicy: FallbackToLogsOnError
  env:
    {{- include "common.env" . | nindent 4 }}
  resources: {{ toYaml ($init.resources | default (dict "requests" (dict "cpu" "50m" "memory" "64Mi") "limits" (dict "memory" "256Mi"))) | nindent 4 }}
  volumeMounts:
    {{- $spec := mergeOverwrite (deepCopy .spec) (dict "mounts" ($init.mounts | default .spec.mounts)) }}
    {{- include "common.mounts" (dict "root" .root "spec" $spec) | nindent 4 }}
{{- end -}}

{{- /* What every container of the part is told. */ -}}
{{- define "common.env" -}}
{{- $spec := .spec -}}
{{- $env := deepCopy ($spec.env | default dict) -}}
{{- if and $spec.files $spec.command -}}{{- $_ := set $env "SECRETS_DIR" "/run/secrets/stack" -}}{{- end -}}
{{- if $spec.service -}}
{{- $global := include "common.global" .root | fromYaml -}}
{{- $_ := set $env "HOST" "0.0.0.0" -}}
{{- $_ := set $env "DEPLOYMENT" "production" -}}
{{- $_ := set $env "LOG_LEVEL" $global.logLevel -}}
{{- $_ := set $env "DRAIN_S" (.values.lifecycle.drainSeconds | int64 | toString) -}}
{{- with ternary "" (include "common.otlpHttp" .root) (eq $spec.component "llm") -}}{{- $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" . -}}{{- end -}}
{{- end -}}
- {name: HOME, value: /tmp}
{{- if $spec.service }}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.pod.name=$(POD_NAME),k8s.namespace.name=$(POD_NAMESPACE),k8s.node.name=$(NODE_NAME)
{{- end }}
{{- range $name, $value := $env }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end -}}

{{- define "common.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .spec.files }}
- {name: secrets, mountPath: /run/secrets/stack, readOnly: true}
{{- end }}
{{- if and .spec.database (include "common.global" .root | fromYaml).database.caSecret.name }}
- {name: database-ca, mountPath: /run/secrets/database-ca, readOnly: true}
{{- end }}
{{- with .spec.mounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Secrets as files: each named like the setting that reads it. */ -}}
{{- define "common.secretVolumes" -}}
{{- $ca := (include "common.global" .root | fromYaml).database.caSecret -}}
{{- with .spec.files }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ include "common.secretName" $.root }}{{ if and $.hook (not (include "common.global" $.root | fromYaml).existingSecret) }}-upgrade{{ end }}
          items:
            {{- range $file, $key := . }}
            - {key: {{ $key }}, path: {{ $file }}}
            {{- end }}
      {{- with $.spec.otherSecrets }}{{ toYaml . | nindent 6 }}{{ end }}
{{- end }}
{{- if and .spec.database $ca.name }}
- name: database-ca
  secret: {secretName: {{ $ca.name | quote }}, defaultMode: 0440, items: [{key: {{ $ca.key | quote }}, path: ca.crt}]}
{{- end }}
{{- end -}}
