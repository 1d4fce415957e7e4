{{/* What the chart must know of the configuration. Each answer is a string, empty for "no". */}}

{{- define "tokenward.config" -}}
{{- $config := fromYaml .Values.config -}}
{{- with $config.Error }}
{{- fail (printf "config: not YAML: %s" .) }}
{{- end }}
{{- toJson $config }}
{{- end }}

{{/* The port of `listen:`. Kubelet and Prometheus ask at the pod's address. */}}
{{- define "tokenward.port" -}}
{{- with (include "tokenward.config" . | fromJson).listen }}
{{- if or (hasPrefix "127." .) (hasPrefix "[::1]" .) }}
{{- fail (printf "config: kubelet's probes do not reach `listen: %s`: write 0.0.0.0 and the port, or leave `listen` out" .) }}
{{- end }}
{{- regexFind "[0-9]+$" . }}
{{- end }}
{{- end }}

{{/* The name of the Lease: `kubernetes_lease: true` means `tokenward`. */}}
{{- define "tokenward.lease" -}}
{{- with (include "tokenward.config" . | fromJson).kubernetes_lease }}
{{- eq (toString .) "true" | ternary "tokenward" . }}
{{- end }}
{{- end }}
