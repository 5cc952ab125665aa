{{- define "embedder.modelSource" -}}
{{- include "common.model" (dict "root" . "values" .Values "component" "embedder" "packaged" "all-minilm-l6-v2") -}}
{{- end -}}

{{- define "embedder.spec" -}}
{{- $profile := include "common.profile" (list . .Values) | fromYaml -}}
{{- $model := include "embedder.modelSource" . | fromYaml -}}
{{- $global := include "common.global" . | fromYaml -}}
{{- if and (ne .Values.model "packaged") (eq $global.embeddingModel "all-MiniLM-L6-v2") (not (contains "all-minilm-l6-v2" (lower .Values.model))) -}}
{{- include "common.fail" (list . (printf "model is %s, but search would go on calling its vectors all-MiniLM-L6-v2; write its name and size in global.embeddingModel and global.embeddingDim" .Values.model)) -}}
{{- end -}}
component: embedder
uid: 10001
service: true
slowStart: true
command: [python, -m, rag_embedder]
image: {{ include "common.profileImage" (list . .Values $profile) | nindent 2 }}
profile: {{ toYaml $profile | nindent 2 }}
{{- with $profile.resources }}
resources: {{ toYaml . | nindent 2 }}
{{- end }}
ports: {http: 8081}
probes: {port: http, alive: /healthz, ready: /readyz}
env:
  PORT: "8081"
  EMBEDDER_MODEL: {{ $model.path | quote }}
  EMBEDDING_MODEL: {{ $global.embeddingModel | quote }}
  EMBEDDER_DEVICE: {{ $profile.device }}
  {{- with include "common.gpuShare" (list . $profile) }}
  EMBEDDER_GPU_MEMORY_SHARE: {{ . | quote }}
  {{- end }}
claim: {{ toYaml $model.claim | nindent 2 }}
inits: {{ toYaml $model.inits | nindent 2 }}
volumes: {{ toYaml $model.volumes | nindent 2 }}
mounts: {{ toYaml $model.mounts | nindent 2 }}
{{- end -}}
