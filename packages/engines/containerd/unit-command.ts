/** Which main file containerd reads, by the command that starts it. */

const usual = '/etc/containerd/config.toml';

/** The value of `--config` or `-c`; what containerd takes when there is neither. */
export function configInCommand(command: readonly string[]): string {
  for (const [i, argument] of command.entries()) {
    const [, , value] = /^(--?config|-c)(?:=(.*))?$/s.exec(argument) ?? [];
    if (value !== undefined) return value;
    if (/^(--?config|-c)$/.test(argument)) return command[i + 1] ?? usual;
  }
  return usual;
}
