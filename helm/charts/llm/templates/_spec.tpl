{{- define "llm.modelSource" -}}
{{- include "common.model" (dict "root" . "values" .Values "component" "llm" "packaged" "smollm2-135m-instruct") -}}
{{- end -}}

{{- define "llm.spec" -}}
{{- $profile := include "common.profile" (list . .Values) | fromYaml -}}
{{- $model := include "llm.modelSource" . | fromYaml -}}
component: llm
# vLLM looks its user up in /etc/passwd; 2000 is the one that its images hold.
uid: 2000
service: true
slowStart: true
command: [python, -m, rag_llm]
image: {{ include "common.profileImage" (list . .Values $profile) | nindent 2 }}
profile: {{ toYaml $profile | nindent 2 }}
{{- with $profile.resources }}
resources: {{ toYaml . | nindent 2 }}
{{- end }}
ports: {http: 8000}
probes: {port: http, alive: /health, ready: /health}
{{- if not (and .Chart.IsRoot (not (include "common.global" . | fromYaml).existingSecret)) }}
files: {llm_api_key: llm_api_key}
{{- end }}
env:
  PORT: "8000"
  LLM_MODEL: {{ $model.path | quote }}
  LLM_DEVICE: {{ $profile.device }}
  LLM_MAX_MODEL_LEN: {{ .Values.maxModelLen | int64 | toString | quote }}
  VLLM_CACHE_ROOT: {{ $model.cache }}/vllm
  {{- with $profile.kvCacheGb }}
  LLM_KV_CACHE_GB: {{ . | int64 | toString | quote }}
  {{- end }}
  {{- with include "common.gpuShare" (list $ $profile) }}
  LLM_GPU_MEMORY_UTILIZATION: {{ . | quote }}
  {{- end }}
  {{- with $profile.tensorParallel }}
  LLM_TENSOR_PARALLEL: {{ . | int64 | toString | quote }}
  {{- end }}
  {{- with include "common.otlpGrpc" . }}
  OTLP_GRPC_ENDPOINT: {{ . | quote }}
  {{- end }}
claim: {{ toYaml $model.claim | nindent 2 }}
inits: {{ toYaml $model.inits | nindent 2 }}
tmpSize: 2Gi
volumes:
  - {name: shm, emptyDir: {medium: Memory, sizeLimit: {{ $profile.shmSize | default (ternary "2Gi" "1Gi" (gt (int $profile.tensorParallel) 1)) | quote }}}}
  {{- toYaml $model.volumes | nindent 2 }}
mounts:
  - {name: shm, mountPath: /dev/shm}
  {{- toYaml $model.mounts | nindent 2 }}
{{- end -}}
