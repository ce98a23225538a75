/**
 * Builds in a copy of a published module that lacks files which its programs need: the archives of Go modules contain
 * neither links nor generated files.
 */

export interface ModuleCopy {
  readonly module: string;
  /** The missing files, each with the file of the module that has its content. */
  readonly files: Readonly<Record<string, string>>;
  /** A folder of the module that the tool needs at run time. */
  readonly keep: string;
}

/** The command that copies the module into `output` and runs `build` there; nothing but `keep` is left of the copy. */
export function buildInCopy(copy: ModuleCopy, output: string, build: readonly string[]): readonly string[] {
  const files = Object.entries(copy.files);
  return [
    'sh',
    '-c',
    script,
    'copy',
    copy.module,
    output,
    copy.keep,
    String(files.length),
    ...files.flat(),
    ...build,
  ];
}

/** The module's own go.mod, which it builds with, may name an older compiler than ours. */
const script = `
  set -eu
  module=$1 output=$2 keep=$3 files=$4; shift 4
  export GOTOOLCHAIN="$(go env GOVERSION)"
  go mod download "$module"
  mkdir -p "$output"
  cp -R "$(go list -m -f '{{.Dir}}' "$module")" "$output/source"
  cd "$output/source"
  while [ "$files" -gt 0 ]; do
    mkdir -p "$(dirname "$1")"
    cp "$2" "$1"
    shift 2; files=$((files-1))
  done
  "$@"
  mv "$keep" "$output"
  cd "$output"
  rm -rf source`;
