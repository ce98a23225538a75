/** Finds the main file that containerd reads, from the command that starts it. */
import type { Host, HostPath } from '@kata/host';
import { posix } from 'node:path';

const usualMainPath: HostPath = '/etc/containerd/config.toml';

/** How a unit is started, as systemd reports it. */
export interface UnitStart {
  readonly command: readonly string[];
  /** `NAME=value`, as set in the unit itself. */
  readonly environment?: readonly string[] | undefined;
  /** In the order in which they are read; later ones override earlier ones. */
  readonly environmentFiles?: readonly HostPath[] | undefined;
  readonly mainPid?: number | undefined;
}

/** The main file that the next start reads; `unknown` where that depends on files outside this container. */
export async function findMainPath(
  host: Pick<Host, 'files' | 'isPartial'>,
  start: UnitStart,
): Promise<HostPath | 'unknown'> {
  const { variables, isComplete } = await readVariables(host, start);
  const words = expandCommand(start.command, variables, isComplete);
  if (words !== undefined) return configInCommand(words);
  const running = await readRunning(host, start.mainPid);
  return running === undefined ? 'unknown' : configInCommand(running);
}

/** Like systemd before it starts a program; undefined when a variable is unknown. */
export function expandCommand(
  command: readonly string[],
  variables: ReadonlyMap<string, string>,
  isComplete = true,
): readonly string[] | undefined {
  let isKnown = true;
  const valueOf = (name: string): string => {
    isKnown &&= isComplete || variables.has(name);
    return variables.get(name) ?? '';
  };
  const words = command.flatMap((word, i) => {
    // The program itself is not expanded, and a variable that is a whole word becomes several words.
    const alone = i === 0 ? undefined : /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (alone !== undefined) return splitWords(valueOf(alone));
    return [
      word.replaceAll(/\$\$|\$\{([A-Za-z_]\w*)\}/g, (all, name?: string) =>
        name === undefined ? all.slice(1) : valueOf(name),
      ),
    ];
  });
  return isKnown ? words : undefined;
}

/** Splits at spaces; quotes join words and are removed. */
function splitWords(value: string): readonly string[] {
  const words = value.match(/(?:\\.|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[^\s"'\\])+/gs) ?? [];
  return words.map((word) =>
    word.replaceAll(
      /"((?:\\.|[^"\\])*)"?|'((?:\\.|[^'\\])*)'?|(\\.)/gs,
      (_, double?: string, single?: string, other?: string) =>
        (double ?? single ?? other ?? '').replaceAll(/\\(.)/gs, '$1'),
    ),
  );
}

/** The value of `--config` or `-c`, or containerd's default. */
function configInCommand(command: readonly string[]): HostPath {
  let found: string = usualMainPath;
  for (const [i, argument] of command.entries()) {
    const [, , value] = /^(--?config|-c)(?:=(.*))?$/s.exec(argument) ?? [];
    if (value !== undefined) found = value;
    else if (/^(--?config|-c)$/.test(argument)) found = command[i + 1] ?? usualMainPath;
  }
  return posix.resolve('/', found) as HostPath;
}

/** The variables in a file of `EnvironmentFile=`. */
export function parseEnvironmentFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.replaceAll(/\\\r?\n/g, '').split(/\r?\n/)) {
    const [, name, rest] = /^\s*(?![#;])([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    const [, quote, inner] = /^(["'])(.*)\1$/s.exec(rest) ?? [];
    variables.set(name, quote === undefined ? rest.replaceAll(/\\(.)/g, '$1') : (inner ?? ''));
  }
  return variables;
}

async function readVariables(
  { files, isPartial }: Pick<Host, 'files' | 'isPartial'>,
  { environment = [], environmentFiles = [] }: UnitStart,
): Promise<{ readonly variables: ReadonlyMap<string, string>; readonly isComplete: boolean }> {
  const variables = new Map<string, string>();
  let isComplete = true;
  for (const each of environment) {
    const place = each.indexOf('=');
    variables.set(each.slice(0, place), each.slice(place + 1));
  }
  for (const path of environmentFiles) {
    const text = (await files.read(path))?.toString('utf8');
    // It may set any variable, also one that is already set.
    if (text === undefined && isPartial) {
      isComplete = false;
      variables.clear();
    }
    for (const [name, value] of parseEnvironmentFile(text ?? '')) variables.set(name, value);
  }
  return { variables, isComplete };
}

/** In a container the process id may belong to another process. */
async function readRunning(
  { files, isPartial }: Pick<Host, 'files' | 'isPartial'>,
  mainPid: number | undefined,
): Promise<readonly string[] | undefined> {
  if (isPartial || mainPid === undefined) return undefined;
  const line = (await files.read(`/proc/${mainPid}/cmdline`))?.toString('utf8');
  return line?.split('\0').slice(0, -1);
}
