{{- define "embedder.modelSource" -}}
{{- include "common.model" (dict "root" . "values" .Values "component" "embedder" "packaged" "all-minilm-l6-v2") -}}
{{- end -}}

{{- /* Where the cross-encoder comes from; YAML with its path, volumes, mounts and claim, empty without one. */ -}}
{{- define "embedder.reranker" -}}
{{- $source := (include "common.global" . | fromYaml).reranker -}}
{{- if hasPrefix "pvc://" $source -}}
{{- $parts := trimPrefix "pvc://" $source | splitn "/" 2 -}}
path: {{ printf "/reranker/%s" $parts._1 | quote }}
volumes: [{name: reranker, persistentVolumeClaim: {claimName: {{ $parts._0 | quote }}}}]
mounts: [{name: reranker, mountPath: /reranker, readOnly: true}]
claim: {single: {{ ne .Values.modelStorage.accessMode "ReadWriteMany" }}}
{{- else if hasPrefix "oci://" $source -}}
path: /reranker
volumes: [{name: reranker, image: {reference: {{ include "common.ociReference" (list . (trimPrefix "oci://" $source)) | quote }}, pullPolicy: IfNotPresent}}]
mounts: [{name: reranker, mountPath: /reranker, readOnly: true}]
{{- end -}}
{{- end -}}

{{- define "embedder.spec" -}}
{{- $profile := include "common.profile" (list . .Values) | fromYaml -}}
{{- $model := include "embedder.modelSource" . | fromYaml -}}
{{- $reranker := include "embedder.reranker" . | fromYaml -}}
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
  {{- with $reranker.path }}
  RERANKER_MODEL: {{ . | quote }}
  {{- end }}
  EMBEDDING_MODEL: {{ $global.embeddingModel | quote }}
  EMBEDDER_DEVICE: {{ $profile.device }}
  {{- with include "common.gpuShare" (list . $profile) }}
  EMBEDDER_GPU_MEMORY_SHARE: {{ . | quote }}
  {{- end }}
claim: {{ mergeOverwrite (dict) ($reranker.claim | default dict) $model.claim | toYaml | nindent 2 }}
inits: {{ toYaml $model.inits | nindent 2 }}
volumes: {{ concat $model.volumes ($reranker.volumes | default list) | toYaml | nindent 2 }}
mounts: {{ concat $model.mounts ($reranker.mounts | default list) | toYaml | nindent 2 }}
{{- end -}}
