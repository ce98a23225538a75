{{/* Which shims are installed on which architecture. files/shims.json lists what each shim supports; it is generated from the program's own tables. */}}

{{- define "kata-deploy.table" -}}
{{ .Files.Get "files/shims.json" }}
{{- end }}

{{/* Names of enabled shims, as JSON. */}}
{{- define "kata-deploy.enabled" -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- $names := list -}}
{{- range $name, $row := $table.shims -}}
{{- $enabled := get (get $.Values.shims $name | default dict) "enabled" -}}
{{- if kindIs "bool" $enabled | ternary $enabled (and (not $.Values.shims.disableAll) (has $name $table.enabledWhenUnset)) -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end }}

{{/* The architectures of one shim, from supportedArches, else the usual ones, as JSON. */}}
{{- define "kata-deploy.architecturesOf" -}}
{{- $table := include "kata-deploy.table" .root | fromJson -}}
{{- $row := get $table.shims .shim -}}
{{- $made := $row.architectures -}}
{{- $wanted := (get .root.Values.shims .shim | default dict).supportedArches | default $row.usualArchitectures -}}
{{- $names := list -}}
{{- range $made -}}{{- if has . $wanted -}}{{- $names = append $names . -}}{{- end -}}{{- end -}}
{{- toJson $names -}}
{{- end }}

{{/* Names of enabled shims by architecture, as JSON; an architecture without any has an empty list. */}}
{{- define "kata-deploy.byArchitecture" -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- $enabled := include "kata-deploy.enabled" . | fromJsonArray -}}
{{- $found := dict -}}
{{- range $architecture, $variable := $table.architectures -}}
{{- $names := list -}}
{{- range $name := $enabled -}}
{{- if has $architecture (include "kata-deploy.architecturesOf" (dict "root" $ "shim" $name) | fromJsonArray) -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
{{- $_ := set $found $architecture $names -}}
{{- end -}}
{{- toJson $found -}}
{{- end }}

{{/* The shim of the class `kata`: that of the first architecture that has one, chosen by the same rule as in the program. */}}
{{- define "kata-deploy.defaultShim" -}}
{{- $by := include "kata-deploy.byArchitecture" . | fromJson -}}
{{- $chosen := "" -}}
{{- range $architecture := list "amd64" "arm64" "s390x" "ppc64le" -}}
{{- $names := get $by $architecture -}}
{{- if and (not $chosen) $names -}}
{{- $chosen = get ($.Values.defaultShim | default dict) $architecture -}}
{{- range list "qemu-runtime-rs" "qemu" (first $names) -}}
{{- if and (not $chosen) (has . $names) -}}{{- $chosen = . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $chosen -}}
{{- end }}

{{/* The custom runtimes by handler, as JSON: key, class (its parsed YAML) and runtime (the values). */}}
{{- define "kata-deploy.customRuntimes" -}}
{{- $found := dict -}}
{{- if .Values.customRuntimes.enabled -}}
{{- range $name, $runtime := .Values.customRuntimes.runtimes -}}
{{- $class := fromYaml $runtime.runtimeClass -}}
{{- $where := printf "customRuntimes.runtimes.%s.runtimeClass" $name -}}
{{- with $class.Error }}{{ fail (printf "%s: not valid YAML: %s" $where .) }}{{ end -}}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" ($class.handler | default "" | toString)) }}{{ fail (printf "%s: needs a handler of at most 63 of a-z, 0-9 and inner hyphens" $where) }}{{ end -}}
{{- if not ($class.metadata | default dict).name }}{{ fail (printf "%s: needs metadata.name" $where) }}{{ end -}}
{{- if include "kata-deploy.isTaken" (dict "root" $ "handler" $class.handler) }}{{ fail (printf "%s: the handler name %q is reserved; use a name that is neither that of a shim nor runc, crun or untrusted" $where $class.handler) }}{{ end -}}
{{- if hasKey $found $class.handler }}{{ fail (printf "%s: the handler %q is defined twice" $where $class.handler) }}{{ end -}}
{{- $_ := set $found $class.handler (dict "class" $class "runtime" $runtime "key" $name) -}}
{{- end -}}
{{- if not $found }}{{ fail "customRuntimes.runtimes: it is empty, but customRuntimes.enabled is true" }}{{ end -}}
{{- end -}}
{{- toJson $found -}}
{{- end }}

{{/* Whether the container runtime or any shim, enabled or not, has a handler of this name; the same rule as in the program. */}}
{{- define "kata-deploy.isTaken" -}}
{{- $table := include "kata-deploy.table" .root | fromJson -}}
{{- $suffix := .root.Values.env.multiInstallSuffix -}}
{{- $plain := regexReplaceAll "-(debug|devkit)$" .handler "" -}}
{{- $taken := or (has .handler $table.reservedHandlers) (hasKey $table.shims .handler) -}}
{{- range $name, $row := $table.shims -}}
{{- if or (eq $plain (printf "kata-%s" $name)) (and $suffix (eq $plain (printf "kata-%s-%s" $name $suffix))) -}}{{- $taken = true -}}{{- end -}}
{{- end -}}
{{- if $taken }}true{{ end -}}
{{- end }}

{{/* The architectures for which a shim or custom runtime is enabled, as JSON. */}}
{{- define "kata-deploy.architectures" -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- $by := include "kata-deploy.byArchitecture" . | fromJson -}}
{{- $custom := include "kata-deploy.customRuntimes" . | fromJson -}}
{{- $names := list -}}
{{- range $architecture, $variable := $table.architectures -}}
{{- $has := not (empty (get $by $architecture)) -}}
{{- range $custom -}}
{{- if has $architecture (get $table.shims .runtime.baseConfig).architectures -}}{{- $has = true -}}{{- end -}}
{{- end -}}
{{- if $has -}}{{- $names = append $names $architecture -}}{{- end -}}
{{- end -}}
{{- toJson $names -}}
{{- end }}
