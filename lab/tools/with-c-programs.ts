/** Builds the C programs that a Go module brings, next to its Go programs. */
import type { Cgo } from './catalog.ts';

/** The command that compiles them into `output`, then runs `build`. */
export function withCPrograms(
  programs: Cgo['programs'],
  output: string,
  build: readonly string[],
): readonly string[] {
  const all = Object.entries(programs).flatMap(([name, { module, folder }]) => [name, module, folder]);
  return ['sh', '-c', script, 'c', output, String(all.length / 3), ...all, ...build];
}

const script = `
  set -eu
  output=$1 programs=$2; shift 2
  mkdir -p "$output"
  while [ "$programs" -gt 0 ]; do
    go mod download "$2"
    gcc -std=c99 -Os -static -o "$output/$1" "$(go list -m -f '{{.Dir}}' "$2")/$3"/*.c
    shift 3; programs=$((programs-1))
  done
  exec "$@"`;
