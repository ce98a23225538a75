/** Runs several shell steps on a node with one command, and returns exit code and output of each. */
import type { LabDriver } from './lab-driver.ts';

export interface StepResult {
  readonly exitCode: number;
  /** Standard output, without the newline at its end. */
  readonly output: string;
}

/** No step prints these characters. */
const [beginning, ending] = ['\u001E', '\u001D'];

/** Each step is a shell script; the next one runs even when one fails. */
export async function runSteps<Name extends string>(
  lab: LabDriver,
  node: string,
  steps: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, StepResult>>> {
  const names = Object.keys(steps) as Name[];
  // Through a file: a killed Node program leaves its standard output non-blocking for the next program.
  const script = names.map(
    (name) => `( ${steps[name]}
) </dev/null >$file; code=$?; printf '\\036${name}\\n'; cat $file; printf '\\n\\035%d' $code
`,
  );
  const said = await lab.onNode(node, ['sh', '-s'], `file=$(mktemp)\n${script.join('')}rm $file\n`);
  const results = new Map(said.split(beginning).slice(1).map(readStep));
  return Object.fromEntries(
    names.map((name) => [
      name,
      results.get(name) ?? { exitCode: -1, output: `no output of ${name}: ${said}` },
    ]),
  ) as Record<Name, StepResult>;
}

function readStep(text: string): readonly [string, StepResult] {
  const [head = '', code = '-1'] = text.split(ending);
  const [name = '', ...lines] = head.split('\n');
  return [name, { exitCode: Number(code), output: lines.join('\n').trimEnd() }];
}
