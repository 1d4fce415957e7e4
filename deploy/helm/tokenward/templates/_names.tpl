{{/* The names and labels that the objects share. */}}

{{- define "tokenward.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The release's name, and the chart's unless that is a part of it. */}}
{{- define "tokenward.fullname" -}}
{{- $name := include "tokenward.name" . -}}
{{- $both := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ .Values.fullnameOverride | default $both | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "tokenward.serviceAccountName" -}}
{{- $made := ternary (include "tokenward.fullname" .) "default" .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default $made }}
{{- end }}

{{/* What pods are selected by, which can never change. */}}
{{- define "tokenward.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tokenward.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "tokenward.metadata" -}}
name: {{ include "tokenward.fullname" . | quote }}
namespace: {{ .Release.Namespace | quote }}
labels:
  {{- include "tokenward.selectorLabels" . | nindent 2 }}
  app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}
