/** What has to be known to say that settings are refused. Loads little; what is not understood counts as left out. */
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
