{{- /* An Ingress for a part: (dict root values spec). */ -}}
{{- define "common.ingress" -}}
{{- $ingress := .values.ingress -}}
{{- if $ingress.enabled -}}
{{- include "common.entryGuard" . -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
  annotations:
    # An answer may take minutes and arrives piece by piece.
    nginx.ingress.kubernetes.io/proxy-read-timeout: {{ $ingress.timeoutSeconds | int64 | toString | quote }}
    nginx.ingress.kubernetes.io/proxy-send-timeout: {{ $ingress.timeoutSeconds | int64 | toString | quote }}
    nginx.ingress.kubernetes.io/proxy-buffering: "off"
    nginx.ingress.kubernetes.io/proxy-body-size: {{ $ingress.maxBodySize | quote }}
    {{- if .spec.sticky }}
    nginx.ingress.kubernetes.io/affinity: cookie
    nginx.ingress.kubernetes.io/affinity-mode: persistent
    nginx.ingress.kubernetes.io/session-cookie-name: {{ include "common.product" . }}-replica
    {{- end }}
    {{- with $ingress.annotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  {{- with $ingress.className }}
  ingressClassName: {{ . | quote }}
  {{- end }}
  {{- with $ingress.tlsSecret }}
  tls: [{hosts: [{{ $ingress.host | quote }}], secretName: {{ . | quote }}}]
  {{- end }}
  rules:
    - host: {{ $ingress.host | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: {{ include "common.specName" . }}, port: {name: http}}}
{{- end -}}
{{- end -}}

{{- /* The same as a route of the Gateway API: (dict root values spec). */ -}}
{{- define "common.route" -}}
{{- $route := .values.route -}}
{{- if $route.enabled -}}
{{- include "common.entryGuard" . -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
spec:
  parentRefs: {{ toYaml $route.parentRefs | nindent 4 }}
  hostnames: [{{ $route.host | quote }}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /}}]
      timeouts: {request: {{ $route.timeoutSeconds | int64 }}s, backendRequest: {{ $route.timeoutSeconds | int64 }}s}
      {{- if and .spec.sticky $route.cookieAffinity }}
      sessionPersistence: {sessionName: {{ include "common.product" . }}-replica, type: Cookie}
      {{- end }}
      backendRefs: [{name: {{ include "common.specName" . }}, port: {{ int64 .spec.ports.http }}}]
{{- end -}}
{{- end -}}

{{- /* An entry that leads nowhere stops the render. */ -}}
{{- define "common.entryGuard" -}}
{{- $policy := (include "common.global" .root | fromYaml).networkPolicy -}}
{{- $where := .spec.component -}}
{{- if and .values.ingress.enabled (not .values.ingress.host) -}}
{{- include "common.fail" (list .root (printf "%s.ingress is on without a host; write %s.ingress.host: chat.example.org" $where $where)) -}}
{{- end -}}
{{- if and .values.route.enabled (not (and .values.route.host .values.route.parentRefs)) -}}
{{- include "common.fail" (list .root (printf "%s.route is on without host or parentRefs; write both, for instance parentRefs: [{name: public, namespace: gateways}]" $where)) -}}
{{- end -}}
{{- if and $policy.enabled (not $policy.entry) -}}
{{- include "common.fail" (list .root (printf "%s is to be reached from outside, but no policy lets the controller in; write global.networkPolicy.entry, for instance [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}]" $where)) -}}
{{- end -}}
{{- end -}}
