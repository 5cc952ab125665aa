{{- /* What `global` means where nothing is written; the umbrella's values.yaml documents the same. */ -}}
{{- define "common.global.defaults" -}}
imageRegistry: ""
imagePullSecrets: []
requireDigests: false
existingSecret: ""
logLevel: info
modelsImage: {registry: "", repository: groundwork/models, tag: "", digest: "", pullPolicy: IfNotPresent}
embeddingModel: all-MiniLM-L6-v2
embeddingDim: 384
reranker: ""
database: {host: "", port: 5432, name: groundwork, adminUser: postgres, sslMode: "", caSecret: {name: "", key: ca.crt}}
llm: {url: "", model: "", apiKeySecret: {name: "", key: api-key}}
telemetry: {enabled: true, endpoint: "", grpcEndpoint: ""}
spread: {topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}
priorityClasses: {create: false, serving: "", batch: ""}
gpu: {memoryGiB: 0}
networkPolicy:
  enabled: true
  dns:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      podSelector: {matchLabels: {k8s-app: kube-dns}}
  entry: []
  scraper: []
  llm: []
  database: []
  models: []
  traces: []
  telemetry: []
  neighbours: []
  callers: []
{{- end -}}

{{- /* `global` of this release, whole even where a part's chart is installed alone; YAML. */ -}}
{{- define "common.global" -}}
{{- mustMergeOverwrite (include "common.global.defaults" . | fromYaml) (deepCopy (.Values.global | default dict)) | toYaml -}}
{{- end -}}
