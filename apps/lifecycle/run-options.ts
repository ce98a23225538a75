/** The options of an upgrade, from the model of its parameters. */
import { type RunParameter, runParameters } from '@kata/orchestrator/run-parameters';
import { type Command, Option } from 'commander';

/** By the name of the parameter. */
const flags = {
  'target-version': '--to <version>',
  'node-name': '--node <name>',
  'node-selector': '--node-selector <labels>',
  'node-taint-key': '--node-taint-key <key>',
  'node-taint-value': '--node-taint-value <value>',
  'batch-size': '--batch-size <number>',
  'drain-enabled': '--drain',
  'drain-timeout': '--drain-timeout <duration>',
  'verification-pod': '--verification-pod <file>',
  'verification-namespace': '--verification-namespace <name>',
  'verification-timeout': '--verification-timeout <duration>',
  'helm-set-values': '--set <values>',
  'rollback-scope': '--rollback-scope <scope>',
} as const satisfies Readonly<Record<RunParameter, string>>;

/** Of commands that name nodes. */
export const podParameters: readonly RunParameter[] = [
  'verification-pod',
  'verification-namespace',
  'verification-timeout',
];

const names = Object.keys(flags) as readonly RunParameter[];
/** Of an upgrade; only then all are selected. */
const required: readonly RunParameter[] = ['target-version', 'verification-pod'];

/** `selected`: left out, all. */
export function addRunOptions(command: Command, selected: readonly RunParameter[] = names): Command {
  for (const name of selected) {
    const { meaning, default: standard } = runParameters[name];
    const isRequired = selected === names && required.includes(name);
    const note = isRequired ? 'required' : standard === 'false' ? '' : standard;
    const shown = note === '' ? meaning : `${meaning} (${note})`;
    command.addOption(new Option(flags[name], shown).makeOptionMandatory(isRequired));
  }
  return command;
}

/** The verification pod is read from its file. */
export async function readRunOptions(command: Command): Promise<Partial<Record<RunParameter, string>>> {
  const given: Record<string, string | true | undefined> = command.opts();
  const texts = names.flatMap((name) => {
    const value = given[new Option(flags[name]).attributeName()];
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  const found: Partial<Record<RunParameter, string>> = Object.fromEntries(texts);
  const file = found['verification-pod'];
  if (file === undefined) return found;
  const { readPodFile } = await import('@kata/orchestrator');
  return { ...found, 'verification-pod': await readPodFile(file) };
}
