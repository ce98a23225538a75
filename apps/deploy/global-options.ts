/** The options that every command takes, and the variables of the environment, from the model of settings. */
import { fieldList, variableName } from '@kata/settings/model';
import { type Command, Option } from 'commander';

/** Commander accepts them before and after the name of a command; `optsWithGlobals` returns them by field name. */
export function addGlobalOptions(program: Command): Command {
  for (const [, field] of fieldList) {
    if (field.flag === undefined) continue;
    program.addOption(new Option(field.flag, `${field.meaning} (${variableName(field)})`));
  }
  return program;
}

/** Variables that have no option, one a line. */
export function describeEnvironment(): string {
  const rows = fieldList.flatMap(([, field]) => {
    if (field.flag !== undefined) return [];
    const value = field.default === undefined || field.default === 'false' ? '' : ` (${field.default})`;
    return [[variableName(field), `${field.meaning}${value}`] as const];
  });
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join('\n');
}
