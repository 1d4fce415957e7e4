{{/* The volumes of the container; `tokens` is for the application, too. */}}
{{- define "tokenward.volumes" -}}
- name: config
  configMap: { name: {{ include "tokenward.fullname" . | quote }} }
{{- with .Values.clientSecrets }}
- name: client-secrets
  secret: { secretName: {{ quote . }}, defaultMode: 0440 }
{{- end }}
- name: state
  {{- if .Values.state.existingClaim }}
  persistentVolumeClaim: { claimName: {{ .Values.state.existingClaim | quote }} }
  {{- else }}
  emptyDir: { medium: Memory, sizeLimit: {{ .Values.state.sizeLimit | quote }} }
  {{- end }}
- name: tokens
  emptyDir: { medium: Memory, sizeLimit: {{ .Values.tokens.sizeLimit | quote }} }
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
