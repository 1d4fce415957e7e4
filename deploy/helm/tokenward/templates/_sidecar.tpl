{{/*
For the chart of an application that has this one as a dependency, with `standalone: false`. In the
template of its pod:

    securityContext: { fsGroup: 65532 }
    initContainers:
      {{- include "tokenward.sidecar" .Subcharts.tokenward | nindent 6 }}
    containers:
      - name: app
        volumeMounts: [{ name: tokens, mountPath: /run/tokenward, readOnly: true }]
    volumes:
      {{- include "tokenward.volumes" .Subcharts.tokenward | nindent 6 }}

The application starts when its tokens are there, and ends before the sidecar does.
*/}}
{{- define "tokenward.sidecar" -}}
- {{ include "tokenward.container" . | indent 2 | trim }}
  restartPolicy: Always
  startupProbe:
    {{- include "tokenward.ready" . | nindent 4 }}
    periodSeconds: 1
    # Ten minutes: a restart mends no provider that is down.
    failureThreshold: 600
  {{- include "tokenward.lastingProbes" . | nindent 2 }}
{{- end }}
