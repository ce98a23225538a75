/** Reads the settings that are needed to report refused settings. Loads little; invalid values count as unset. */
import { type FieldName, fields } from '@kata/settings/model';
import type { DeployConfig } from './deploy-config.ts';

export interface UncheckedSources {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function readUncheckedConfig(sources: UncheckedSources): Pick<DeployConfig, 'progress' | 'nodeName'> {
  const progress = given('progress', sources);
  return {
    progress: progress === 'plain' || progress === 'json' ? progress : 'auto',
    nodeName: given('nodeName', sources),
  };
}

function given(name: FieldName, { flags, environment }: UncheckedSources): string | undefined {
  const { [name]: flag = environment[fields[name].variable] } = flags;
  return typeof flag === 'string' && flag !== '' ? flag : undefined;
}
