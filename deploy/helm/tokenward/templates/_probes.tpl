{{/* The question whether every token is there: to the port or, without one, to the files. */}}
{{- define "tokenward.ready" -}}
{{- if include "tokenward.port" . -}}
httpGet: { path: /ready, port: http }
{{- else -}}
exec: { command: [/usr/bin/tokenward, wait, --timeout, "0"] }
timeoutSeconds: 5
{{- end }}
{{- end }}

{{/* What kubelet asks as long as the container runs. */}}
{{- define "tokenward.lastingProbes" -}}
readinessProbe:
  {{- include "tokenward.ready" . | nindent 2 }}
  {{- if include "tokenward.port" . }}
  periodSeconds: 10
livenessProbe:
  httpGet: { path: /live, port: http }
  failureThreshold: 6
  {{- else }}
  # Each is a process of its own within the limits of the container.
  periodSeconds: 30
  {{- end }}
{{- end }}
