{{/*
The container, wherever it runs: all but its probes. It reads /etc/tokenward/config.yaml, and the
image says where state and tokens are.
*/}}
{{- define "tokenward.container" -}}
{{- range .Values.extraVolumeMounts }}
{{- if or .subPath .subPathExpr }}
{{- fail (printf "extraVolumeMounts: %s: what is mounted by subPath never changes: mount the whole volume as a folder" .name) }}
{{- end }}
{{- end -}}
name: tokenward
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.env }}
env: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "tokenward.port" . }}
ports:
  - { name: http, containerPort: {{ . }} }
{{- end }}
resources: {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
  seccompProfile: { type: RuntimeDefault }
volumeMounts:
  - { name: config, mountPath: /etc/tokenward, readOnly: true }
  {{- if .Values.clientSecrets }}
  - { name: client-secrets, mountPath: /var/run/secrets/tokenward, readOnly: true }
  {{- end }}
  - { name: state, mountPath: /var/lib/tokenward }
  - { name: tokens, mountPath: /run/tokenward }
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
