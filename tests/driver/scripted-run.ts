/** Runs the installer on a node of the lab while a shell there waits for conditions and acts on them. */
import type { CommandResult, LabDriver } from './lab-driver.ts';
import type { InstallerCommand } from './node-installer.ts';

/** Shell text for the node; `$err` is the file with the run's standard error, `$unit` its systemd unit. */
export interface Meanwhile {
  /** A condition that is checked repeatedly. */
  readonly when: string;
  readonly act: string;
}

export interface ScriptedRun extends CommandResult {
  /** How many of the conditions became true before the run ended. */
  readonly moments: number;
}

/** Resolves when the run has ended. The conditions are awaited one after the other. */
export async function runMeanwhile(
  lab: LabDriver,
  node: string,
  { text, unit }: InstallerCommand,
  meanwhile: readonly Meanwhile[],
): Promise<ScriptedRun> {
  const moments = meanwhile.map(
    ({ when, act }) => `comes() { ${when}; } >/dev/null 2>&1
      if reach comes; then moments=$((moments + 1)); { ${act}; } >&2; fi`,
  );
  const [run] = await runScript(
    lab,
    node,
    `${start('a', text, unit)}
    moments=0
    ${moments.join('\n')}
    ${end('a')}
    echo $moments`,
  );
  return { ...run.result, moments: Number(run.rest) };
}

/** Starts the second run when the condition is true, and resolves when both have ended. */
export async function runTogether(
  lab: LabDriver,
  node: string,
  [first, second]: readonly [InstallerCommand, InstallerCommand],
  when: string,
): Promise<readonly [CommandResult, CommandResult]> {
  const [a, b] = await runScript(
    lab,
    node,
    `${start('a', first.text, first.unit)}
    comes() { ${when}; } >/dev/null 2>&1
    reach comes || true
    pid_a=$pid
    ${start('b', second.text, second.unit)}
    pid_b=$pid
    pid=$pid_a; ${end('a')}
    echo
    pid=$pid_b; ${end('b')}
    echo`,
  );
  if (b === undefined) throw new Error('there is no output of the second run');
  return [a.result, b.result];
}

function start(name: string, text: string, unit: string): string {
  return `unit=${unit}; err=$folder/${name}.err
    ${text} >$folder/${name}.out 2>$err </dev/null & pid=$!`;
}

function end(name: string): string {
  return `code=0; wait $pid || code=$?; echo $code
    base64 --wrap=0 $folder/${name}.out; echo
    base64 --wrap=0 $folder/${name}.err; echo`;
}

interface RunOutput {
  readonly result: CommandResult;
  readonly rest: string;
}

async function runScript(
  lab: LabDriver,
  node: string,
  script: string,
): Promise<readonly [RunOutput, RunOutput | undefined]> {
  const text = await lab.onNode(node, [
    ...['sh', '-c'],
    `folder=$(mktemp -d /run/kata-test-run.XXXXXX)
    reach() { while kill -0 $pid 2>/dev/null; do "$1" 2>/dev/null && return 0; sleep 0.01; done; return 1; }
    ${script}
    rm -r $folder`,
  ]);
  const lines = text.split('\n');
  const outputAt = (from: number): RunOutput => ({
    result: {
      exitCode: Number(lines[from]),
      stdout: decode(lines[from + 1]),
      stderr: decode(lines[from + 2]),
    },
    rest: lines[from + 3] ?? '',
  });
  return [outputAt(0), lines.length >= 7 ? outputAt(4) : undefined];
}

const decode = (line = ''): string => Buffer.from(line, 'base64').toString('utf8');
