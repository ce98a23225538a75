{{/* The settings of the program as environment variables: docs/reference/configuration.md. */}}
{{- define "kata-deploy.environment" -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- $by := include "kata-deploy.byArchitecture" . | fromJson -}}
{{- $variables := dict
  "DEBUG" (ternary "true" "" .Values.debug)
  "DEVKIT" (ternary "true" "" .Values.devkit)
  "K8S_DISTRIBUTION" .Values.k8sDistribution
  "DRIFT" .Values.drift
  "STARTUP_TAINTS" (join "," .Values.startupTaints)
  "CUSTOM_RUNTIMES_ENABLED" (ternary "true" "" .Values.customRuntimes.enabled)
  "CONTAINERD_CONFIG_FILE_NAME" .Values.containerd.configFileName
  "CONTAINERD_USER_DROP_IN_SOURCE_FILE" (ternary "/custom-configs/containerd-user.toml" "" (not (empty .Values.containerd.userDropIn)))
  "KATA_UNTRUSTED_SHIM" .Values.containerd.untrustedShim
  "EROFS_MERGE_MODE" .Values.snapshotter.erofsMergeMode
  "EROFS_SNAPSHOTTER_MODE" .Values.snapshotter.erofsSnapshotterMode
  "EROFS_DMVERITY" (ternary "true" "" .Values.snapshotter.erofsDmverity)
  "HOST_OS" .Values.env.hostOS
-}}
{{- range $name := include "kata-deploy.enabled" . | fromJsonArray -}}
{{- $agent := (get $.Values.shims $name | default dict).agent | default dict -}}
{{- with $agent.httpsProxy -}}{{- $_ := set $variables "AGENT_HTTPS_PROXY" (append (get $variables "AGENT_HTTPS_PROXY" | default list) (printf "%s=%s" $name .)) -}}{{- end -}}
{{- with $agent.noProxy -}}{{- $_ := set $variables "AGENT_NO_PROXY" (append (get $variables "AGENT_NO_PROXY" | default list) (printf "%s=%s" $name .)) -}}{{- end -}}
{{- end -}}
{{- range $architecture, $ending := $table.architectures -}}
{{- $annotations := list -}}{{- $snapshotters := list -}}{{- $pulls := list -}}{{- $forced := list -}}
{{- range $name := get $by $architecture -}}
{{- $given := get $.Values.shims $name | default dict -}}
{{- with $given.allowedHypervisorAnnotations -}}{{- $annotations = append $annotations (printf "%s:%s" $name (join "," .)) -}}{{- end -}}
{{- with ($given.containerd | default dict).snapshotter -}}{{- $snapshotters = append $snapshotters (printf "%s:%s" $name .) -}}{{- end -}}
{{- if ($given.containerd | default dict).forceGuestPull -}}{{- $forced = append $forced $name -}}{{- end -}}
{{- if ($given.crio | default dict).guestPull -}}{{- $pulls = append $pulls (printf "%s:guest-pull" $name) -}}{{- end -}}
{{- end -}}
{{- $_ := set $variables (printf "DEFAULT_SHIM_%s" $ending) (get ($.Values.defaultShim | default dict) $architecture) -}}
{{- $_ := set $variables (printf "ALLOWED_HYPERVISOR_ANNOTATIONS_%s" $ending) (join " " $annotations) -}}
{{- $_ := set $variables (printf "SNAPSHOTTER_HANDLER_MAPPING_%s" $ending) (join "," $snapshotters) -}}
{{- $_ := set $variables (printf "EXPERIMENTAL_FORCE_GUEST_PULL_%s" $ending) (join "," $forced) -}}
{{- $_ := set $variables (printf "PULL_TYPE_MAPPING_%s" $ending) (join "," $pulls) -}}
{{- end -}}
{{- range $name, $value := $variables -}}
{{- if kindIs "slice" $value }}{{ $value = join ";" $value }}{{ end -}}
{{- with $value }}
- name: {{ $name }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- range $architecture, $ending := $table.architectures }}
- name: SHIMS_{{ $ending }}
  value: {{ join " " (get $by $architecture) | quote }}
{{- end }}
{{- end }}

{{/* The files that settings name, as data of a ConfigMap; empty without such files. */}}
{{- define "kata-deploy.configs" -}}
{{- $files := dict -}}
{{- with .Values.containerd.userDropIn -}}{{- $_ := set $files "containerd-user.toml" . -}}{{- end -}}
{{- range $name := include "kata-deploy.enabled" . | fromJsonArray -}}
{{- with (get $.Values.shims $name | default dict).dropIn -}}{{- $_ := set $files (printf "dropin-%s.toml" $name) . -}}{{- end -}}
{{- end -}}
{{- $lines := list -}}
{{- range $handler, $custom := include "kata-deploy.customRuntimes" . | fromJson -}}
{{- $snapshotter := ($custom.runtime.containerd | default dict).snapshotter | default "" -}}
{{- $pullType := ($custom.runtime.crio | default dict).pullType | default "" -}}
{{- $lines = append $lines (printf "%s:%s:%s:%s\n" $handler $custom.runtime.baseConfig $snapshotter $pullType) -}}
{{- with $custom.runtime.dropIn -}}{{- $_ := set $files (printf "dropin-%s.toml" $handler) . -}}{{- end -}}
{{- end -}}
{{- with $lines -}}{{- $_ := set $files "custom-runtimes.list" (join "" .) -}}{{- end -}}
{{- if $files -}}{{- toYaml $files -}}{{- end -}}
{{- end }}
