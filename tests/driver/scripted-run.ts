/** Runs of the installer on a node of the lab to which something happens while they go on, watched closely by a shell there. */
import type { CommandResult, LabDriver } from './lab-driver.ts';
import type { InstallerCommand } from './node-installer.ts';

/** Shell text for the node; `$err` is the file that the run's standard error goes to, `$unit` the unit that it is. */
export interface Meanwhile {
  /** A condition that is asked again and again. */
  readonly when: string;
  readonly act: string;
}

export interface ScriptedRun extends CommandResult {
  /** How many of the moments came before the run ended. */
  readonly moments: number;
}

/** Resolves when the run has ended; each moment is awaited after the one before. */
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

/** Starts the second when the condition on the first holds, and resolves when both have ended. */
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
  if (b === undefined) throw new Error('the second run says nothing');
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
