/** Runs several steps on a node by one command, and tells what each of them said. */
import type { LabDriver } from './lab-driver.ts';

export interface StepResult {
  readonly exitCode: number;
  /** Standard output, without the newline at its end. */
  readonly output: string;
}

/** Neither is in any text that a step prints. */
const [beginning, ending] = ['\u001E', '\u001D'];

/** Each step is text for a shell; one that fails does not keep the next from running. */
export async function runSteps<Name extends string>(
  lab: LabDriver,
  node: string,
  steps: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, StepResult>>> {
  const names = Object.keys(steps) as Name[];
  // By way of a file: a program of Node that is killed leaves its output so that the next cannot write to it.
  const script = names.map(
    (name) => `( ${steps[name]}
) </dev/null >$file; code=$?; printf '\\036${name}\\n'; cat $file; printf '\\n\\035%d' $code
`,
  );
  const said = await lab.onNode(node, ['sh', '-s'], `file=$(mktemp)\n${script.join('')}rm $file\n`);
  const results = new Map(said.split(beginning).slice(1).map(readStep));
  return Object.fromEntries(
    names.map((name) => [name, results.get(name) ?? { exitCode: -1, output: `no word of ${name}: ${said}` }]),
  ) as Record<Name, StepResult>;
}

function readStep(text: string): readonly [string, StepResult] {
  const [head = '', code = '-1'] = text.split(ending);
  const [name = '', ...lines] = head.split('\n');
  return [name, { exitCode: Number(code), output: lines.join('\n').trimEnd() }];
}
