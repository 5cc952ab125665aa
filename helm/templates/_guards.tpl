{{- /* Values that contradict each other across charts stop here, each with a sentence that says what to write. */ -}}
{{- define "guards" -}}
{{- $global := include "common.global" . | fromYaml -}}
{{- $policy := $global.networkPolicy -}}
{{- if and .Values.postgres.enabled $global.database.host -}}
{{- include "common.fail" (list . (printf "global.database.host is %s and postgres.enabled is true; write postgres.enabled: false, or leave the host empty" $global.database.host)) -}}
{{- end -}}
{{- if not (or .Values.postgres.enabled $global.database.host) -}}
{{- include "common.fail" (list . "postgres.enabled is false and no other is named; write global.database.host, or postgres.enabled: true") -}}
{{- end -}}
{{- if and .Values.postgres.enabled (ne .Values.postgres.database $global.database.name) -}}
{{- include "common.fail" (list . (printf "postgres.database is %s, but everybody asks for %s; write the same in global.database.name" .Values.postgres.database $global.database.name)) -}}
{{- end -}}
{{- if and $global.database.host $policy.enabled (not $policy.database) -}}
{{- include "common.fail" (list . (printf "global.database.host is %s, but no policy lets us reach it; write global.networkPolicy.database, for instance [{ipBlock: {cidr: 10.0.0.5/32}}]" $global.database.host)) -}}
{{- end -}}
{{- if and $global.database.host (not $global.existingSecret) -}}
{{- include "common.fail" (list . (printf "global.database.host is %s, but its password cannot be made up; write global.existingSecret: the name of a Secret with the keys that helm/README.md lists" $global.database.host)) -}}
{{- end -}}
{{- if and .Values.llm.enabled $global.llm.url -}}
{{- include "common.fail" (list . (printf "global.llm.url is %s and llm.enabled is true; write llm.enabled: false, or leave the url empty" $global.llm.url)) -}}
{{- end -}}
{{- if not (or .Values.llm.enabled $global.llm.url) -}}
{{- include "common.fail" (list . "llm.enabled is false and no other model is named; write global.llm.url: https://host/v1, or llm.enabled: true") -}}
{{- end -}}
{{- if and $global.llm.url $policy.enabled (not $policy.llm) -}}
{{- include "common.fail" (list . (printf "global.llm.url is %s, but no policy lets the gateway reach it; write global.networkPolicy.llm, for instance [{ipBlock: {cidr: 203.0.113.0/24}}]" $global.llm.url)) -}}
{{- end -}}
{{- $model := ternary (printf "global.llm.url is %s" $global.llm.url) (printf "llm.model is %s" .Values.llm.model) (ne $global.llm.url "") -}}
{{- if and (or $global.llm.url (ne .Values.llm.model "packaged")) .Values.gateway.enabled (not .Values.gateway.answerMode) -}}
{{- include "common.fail" (list . (printf "%s, and how it answers is not said; write gateway.answerMode: write (in its own words) or quote (in those of the sources)" $model)) -}}
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.embedder.enabled) (not .Values.gateway.embedderUrl) -}}
{{- include "common.fail" (list . "embedder.enabled is false and no other is named; write gateway.embedderUrl, or embedder.enabled: true") -}}
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.feedback.enabled) (not .Values.gateway.feedbackUrl) -}}
{{- include "common.fail" (list . "feedback.enabled is false and no other is named; write gateway.feedbackUrl, or feedback.enabled: true") -}}
{{- end -}}
{{- if and .Values.webapp.enabled (not .Values.gateway.enabled) (not .Values.webapp.gatewayUrl) -}}
{{- include "common.fail" (list . "gateway.enabled is false and no other is named; write webapp.gatewayUrl, or webapp.enabled: false") -}}
{{- end -}}
{{- if and .Values.llm.enabled .Values.gateway.enabled (lt (int .Values.llm.lifecycle.drainSeconds) (int .Values.gateway.requestDeadlineSeconds)) -}}
{{- include "common.fail" (list . (printf "llm.lifecycle.drainSeconds is %d, but an answer may take gateway.requestDeadlineSeconds: %d; write at least that" (int .Values.llm.lifecycle.drainSeconds) (int .Values.gateway.requestDeadlineSeconds))) -}}
{{- end -}}
{{- if and $global.telemetry.enabled (not .Values.otel.enabled) (not $global.telemetry.endpoint) -}}
{{- include "common.fail" (list . "telemetry is on, but otel.enabled is false and no other receiver is named; write global.telemetry.endpoint, or global.telemetry.enabled: false") -}}
{{- end -}}
{{- if and $global.telemetry.endpoint $policy.enabled (not $policy.telemetry) -}}
{{- include "common.fail" (list . (printf "global.telemetry.endpoint is %s, but no policy lets us reach it; write global.networkPolicy.telemetry, for instance [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]" $global.telemetry.endpoint)) -}}
{{- end -}}
{{- include "guards.card" . -}}
{{- end -}}

{{- /* What two parts take of one card is no more than it has. */ -}}
{{- define "guards.card" -}}
{{- $card := float64 (include "common.global" . | fromYaml).gpu.memoryGiB -}}
{{- if and (gt $card 0.0) .Values.llm.enabled .Values.embedder.enabled -}}
{{- $sum := float64 (include "card.sum" .) -}}
{{- if gt $sum $card -}}
{{- include "common.fail" (list . (printf "llm and embedder take %g GiB of a card with %g (global.gpu.memoryGiB); write fewer replicas, or a smaller gpuMemoryGiB in the resource profiles %s and %s" $sum $card .Values.llm.resourceProfile .Values.embedder.resourceProfile)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* GiB that both take of one card, with all replicas where nothing keeps these apart. */ -}}
{{- define "card.sum" -}}
{{- $llm := index .Values.llm.resourceProfiles .Values.llm.resourceProfile | default dict -}}
{{- $embedder := index .Values.embedder.resourceProfiles .Values.embedder.resourceProfile | default dict -}}
{{- addf (mulf ($llm.gpuMemoryGiB | default 0) (ternary 1 .Values.llm.replicas ($llm.isolated | default false))) (mulf ($embedder.gpuMemoryGiB | default 0) (ternary 1 .Values.embedder.replicas ($embedder.isolated | default false))) -}}
{{- end -}}
