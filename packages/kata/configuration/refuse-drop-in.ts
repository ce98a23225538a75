/** Refuses a user-provided drop-in with which Kata would start no pod, before it is written anywhere. */
import { exitCodes, KataError } from '@kata/core';
import { loadConfiguration, type Refusal } from './loader/load-configuration.ts';
import type { DesiredHandler } from './handlers.ts';

export interface ConfigurationTexts {
  /** The configuration itself. */
  readonly configuration: string;
  /** By name in `config.d`, with the user-provided one. */
  readonly dropIns: ReadonlyMap<string, string>;
}

/** @throws KataError `KATA_CONFIG_INVALID` */
export function refuseDropIn(handler: DesiredHandler, release: string, texts: ConfigurationTexts): void {
  const { dropIn, base, variant } = handler;
  if (dropIn === undefined) return;
  // Problems of the shipped configuration do not count, only those that the drop-in adds.
  const before = new Set(refusals(handler, release, texts, dropIn.name).map(({ message }) => message));
  const added = refusals(handler, release, texts).filter(({ message }) => !before.has(message));
  const [first] = added;
  if (first === undefined) return;
  const file = `dropin-${variant === 'plain' && dropIn.name === '50-overrides.toml' ? handler.name : base.name}.toml`;
  throw new KataError(
    'KATA_CONFIG_INVALID',
    `Kata's ${languages[base.language]} runtime refuses ${file} for the handler ${handler.name}: ${added.map(({ message }) => message).join('; ')}`,
    {
      exitCode: exitCodes.usage,
      hint: `correct ${file}: with it, the shim ${base.name} would start no pod`,
      details: {
        file,
        handler: handler.name,
        shim: base.name,
        release,
        problems: added.map(({ message }) => message),
      },
    },
  );
}

const languages = { go: 'Go', rust: 'Rust' } as const;

function refusals(
  { base }: DesiredHandler,
  release: string,
  { configuration, dropIns }: ConfigurationTexts,
  without?: string,
): readonly Refusal[] {
  const entries = [...dropIns]
    .filter(([name]) => name !== without)
    .map(([name, text]) => ({ name, kind: 'file' as const, content: Buffer.from(text) }));
  const version = release.slice(0, Math.max(0, release.lastIndexOf('-')));
  return loadConfiguration({ language: base.language, version }, configuration, entries).refusals;
}
