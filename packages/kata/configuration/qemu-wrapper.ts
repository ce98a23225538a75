/** The script that starts a QEMU outside the prefix that it was built for. */

export interface QemuWrapper {
  /** Relative to the release. */
  readonly path: string;
  /** A script for `/bin/sh`. */
  readonly text: string;
}

/**
 * QEMU finds firmware and option ROMs by a compiled-in path; `-L` names another. Each flavour has its own directory:
 * `qemu-system-x86_64-snp-experimental` has `share/kata-qemu-snp-experimental/qemu`.
 *
 * `binary` is an absolute path below `directory`, the release. Undefined for anything but a QEMU of Kata.
 */
export function qemuWrapper(binary: string, directory: string): QemuWrapper | undefined {
  if (!binary.startsWith(`${directory}/`)) return undefined;
  const path = binary.slice(directory.length + 1);
  const flavour = /^bin\/qemu-system-[a-z0-9_]+(?<name>(?:-[a-z0-9-]+)?)$/.exec(path)?.groups?.['name'];
  if (flavour === undefined) return undefined;
  const data = `${directory}/share/kata-qemu${flavour}/qemu/`;
  return {
    path: `${path}-installation-prefix`,
    text: `#!/bin/sh
# Managed by kata-deploy: QEMU with the directory of its data, which is not where it was built for.
exec ${quoted(binary)} "$@" -L ${quoted(data)}
`,
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
