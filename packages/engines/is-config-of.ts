/** Whether a path is the Kata configuration that an installer writes for a handler. Pure. */
import { posix } from 'node:path';

/**
 * Such as `…/runtimes/qemu/configuration-qemu.toml` for `kata-qemu`; a custom runtime has a directory with its name. A
 * name with another ending is a foreign copy.
 */
export function isConfigOf(name: string, configPath: string, suffix: string): boolean {
  if (name === 'untrusted' || configPath.includes(`/custom-runtimes/${name}/`)) return true;
  const shim = /^configuration-(.+)\.toml$/.exec(posix.basename(configPath))?.[1];
  if (shim === undefined) return false;
  const plain = [shim, `kata-${shim}`].flatMap((each) => [each, `${each}-${suffix}`]);
  return plain.some((each) => [each, `${each}-debug`, `${each}-devkit`].includes(name));
}
