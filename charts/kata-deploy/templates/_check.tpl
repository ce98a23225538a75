{{/* Checks that the values schema cannot express. Each message names the value. The program checks the same on the node. */}}
{{- define "kata-deploy.check" -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- $enabled := include "kata-deploy.enabled" . | fromJsonArray -}}
{{- $listed := join ", " $enabled | default "none" -}}
{{- if not (or $enabled .Values.customRuntimes.enabled) }}{{ fail "shims: none is enabled; enable one, or custom runtimes" }}{{ end -}}
{{- $_ := include "kata-deploy.customRuntimes" . -}}
{{- range $name := $enabled -}}
{{- if not (include "kata-deploy.architecturesOf" (dict "root" $ "shim" $name) | fromJsonArray) }}{{ fail (printf "shims.%s.supportedArches: this shim supports only %s" $name (join ", " (get $table.shims $name).architectures)) }}{{ end -}}
{{- /* With an invalid expression, regexMatch matches nothing, not even the empty alternative. */ -}}
{{- range $expression := (get $.Values.shims $name | default dict).allowedHypervisorAnnotations -}}
{{- if not (regexMatch (printf "^(?:|%s)" $expression) "") }}{{ fail (printf "shims.%s.allowedHypervisorAnnotations: %q is not a valid regular expression" $name $expression) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $by := include "kata-deploy.byArchitecture" . | fromJson -}}
{{- range $architecture, $name := .Values.defaultShim -}}
{{- if and $name (not (has $name (get $by $architecture))) }}{{ fail (printf "defaultShim.%s: %q is not an enabled shim for %s (%s)" $architecture $name $architecture (join ", " (get $by $architecture) | default "none")) }}{{ end -}}
{{- end -}}
{{- with .Values.containerd.untrustedShim -}}
{{- if not (has . $enabled) }}{{ fail (printf "containerd.untrustedShim: %q is not an enabled shim (%s)" . $listed) }}{{ end -}}
{{- end -}}
{{- if and .Values.devkit (not .Values.debug) }}{{ fail "devkit: needs debug" }}{{ end -}}
{{- if not (has .Values.k8sDistribution $table.distributions) }}{{ fail (printf "k8sDistribution: %s is not supported by this version, which supports %s" .Values.k8sDistribution (join ", " $table.distributions)) }}{{ end -}}
{{- with .Values.snapshotter.setup }}{{ fail (printf "snapshotter.setup: this version does not set up %s; set it up separately and name it in shims.<shim>.containerd.snapshotter" (join ", " .)) }}{{ end -}}
{{- if has ".." (splitList "/" .Values.env.installationPrefix) }}{{ fail "env.installationPrefix: must not have a part \"..\"" }}{{ end -}}
{{- include "kata-deploy.checkSuffix" . -}}
{{- include "kata-deploy.checkClasses" . -}}
{{- include "kata-deploy.checkToml" . -}}
{{- include "kata-deploy.checkMemory" . -}}
{{- if has .Values.snapshotter.erofsMergeMode (list "" "merged") -}}
{{- range $name := $enabled -}}
{{- $given := (get $.Values.shims $name | default dict).containerd | default dict -}}
{{- if and (eq ($given.snapshotter | default "") "erofs") (eq (get $table.shims $name).language "go") }}{{ fail (printf "shims.%s.containerd.snapshotter: erofs with merged layers supports only shims in Rust; set snapshotter.erofsMergeMode to unmerged, or use another shim" $name) }}{{ end -}}
{{- end -}}
{{- range include "kata-deploy.customRuntimes" . | fromJson -}}
{{- if and (eq ((.runtime.containerd | default dict).snapshotter | default "") "erofs") (eq (get $table.shims .runtime.baseConfig).language "go") }}{{ fail (printf "customRuntimes.runtimes.%s.containerd.snapshotter: erofs with merged layers supports only shims in Rust; set snapshotter.erofsMergeMode to unmerged, or use another baseConfig" .key) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "kata-deploy.checkSuffix" -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- with $suffix := .Values.env.multiInstallSuffix -}}
{{- if eq $suffix "default" }}{{ fail "env.multiInstallSuffix: \"default\" is reserved for the installation without a suffix" }}{{ end -}}
{{- $alike := regexMatch "(^|-)(debug|devkit)$" $suffix -}}
{{- range $name, $row := $table.shims -}}
{{- if hasKey $table.shims (printf "%s-%s" $name $suffix) -}}{{- $alike = true -}}{{- end -}}
{{- end -}}
{{- if $alike }}{{ fail (printf "env.multiInstallSuffix: %q would give a handler the name of another handler" $suffix) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* Refuses invalid TOML before it reaches a node. */}}
{{- define "kata-deploy.checkToml" -}}
{{- include "kata-deploy.requireToml" (dict "value" "containerd.userDropIn" "text" .Values.containerd.userDropIn) -}}
{{- range $name := include "kata-deploy.enabled" . | fromJsonArray -}}
{{- include "kata-deploy.requireToml" (dict "value" (printf "shims.%s.dropIn" $name) "text" (get $.Values.shims $name | default dict).dropIn) -}}
{{- end -}}
{{- range include "kata-deploy.customRuntimes" . | fromJson -}}
{{- include "kata-deploy.requireToml" (dict "value" (printf "customRuntimes.runtimes.%s.dropIn" .key) "text" .runtime.dropIn) -}}
{{- end -}}
{{- end }}

{{- define "kata-deploy.requireToml" -}}
{{- with .text -}}
{{- $read := fromToml . -}}
{{- if and (eq (len $read) 1) (kindIs "string" ($read.Error | default 0)) (not (regexMatch "(?m)^\\s*\"?Error\"?\\s*=" .)) }}{{ fail (printf "%s: not valid TOML: %s" $.value $read.Error) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* The sleeping waiter needs little, but the same container runs the decision, and the installation reads and writes a release. */}}
{{- define "kata-deploy.checkMemory" -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- with ((.Values.resources | default dict).limits | default dict).memory -}}
{{- $text := kindIs "string" . | ternary . (printf "%.0f" (float64 .)) -}}
{{- $number := regexFind "^[0-9.]+([eE][0-9]+)?" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- $factors := dict "" 1.0 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- if and $number (hasKey $factors $unit) (lt (mulf (float64 $number) (get $factors $unit)) (float64 $table.minimumMemory.bytes)) }}{{ fail (printf "resources.limits.memory: %s is less than the installation needs at its peak; set it to %s or more" $text $table.minimumMemory.quantity) }}{{ end -}}
{{- end -}}
{{- end }}
