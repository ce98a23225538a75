import { expect, test } from 'vitest';
import { emptyRecord, type OwnershipRecord } from '../state/record.ts';
import { recordedSettings } from './engine-settings.ts';

const today = {
  prefix: '/opt/kata',
  suffix: '',
  containerRuntimeVersion: 'cri-o://1.34.0',
  distribution: 'k3s',
  debug: true,
} as const;
const found = {
  prefix: '/opt/kata',
  suffix: '',
  containerRuntimeVersion: 'cri-o://1.34.0',
  distribution: 'k3s',
};

test.each<{ name: string; engine: OwnershipRecord['engine']; told: object }>([
  { name: 'of an older version: none', engine: undefined, told: {} },
  {
    name: 'of this version',
    engine: { configFileName: 'own.toml', debug: false },
    told: { debug: false, containerd: { configFileName: 'own.toml', isConfigFileGiven: false } },
  },
])(
  'the engine is detected from the settings, and its configuration comes from the record: $name',
  ({ engine, told }) => {
    const settings = recordedSettings(today, { ...emptyRecord, engine });

    expect(settings).toEqual({ ...found, ...told });
  },
);
