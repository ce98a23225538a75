/** Lets CRI-O check files that are not active yet: `crio config` loads and validates them as a start does, and changes nothing. */
import type { HostPath } from '@kata/host';
import type { EngineLoader, FileEdit } from '../contract.ts';
import { type CrioFacts, foresee } from './facts.ts';
import { mainPath } from './own-files.ts';

export const loader: EngineLoader<CrioFacts> = {
  versionArguments: ['--version'],
  readVersion: (output) => /^crio version (\d+\.\d+\.\d+\S*)/m.exec(output)?.[1],
  makeCandidate,
  readRefusal,
};

/** Copies of all files. CRI-O reads every file of the folder of drop-ins; no copy has a path that another one begins with. */
function makeCandidate(
  facts: CrioFacts,
  edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  folder: HostPath,
): ReturnType<EngineLoader<CrioFacts>['makeCandidate']> {
  const { files } = foresee(facts, edits);
  const main = mainPath(facts);
  const mainCopy: HostPath = `${folder}/main`;
  const dropIns: HostPath = `${folder}/drop-ins`;
  const copies = files
    .filter(({ path }) => path !== main)
    .map(({ path, text }, i) => {
      const name = String(i).padStart(5, '0');
      return { path: `${dropIns}/${name}` as const, of: path, text };
    });
  const text = files.find(({ path }) => path === main)?.text ?? '';
  return {
    copies: [{ path: mainCopy, of: main, text }, ...copies],
    arguments: ['--config', mainCopy, '--config-dir', dropIns, 'config'],
  };
}

/** Of `get and merge config …: unable to decode configuration FILE: …` and `validating … config: …`. */
function readRefusal(output: string): string | undefined {
  const [, quoted = ''] = /level=fatal msg="((?:[^"\\]|\\.)*)"/.exec(output) ?? [];
  const message = quoted.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? ' ' : escaped));
  return /(?:unable to decode configuration|validating \w+ config: ).*$/.exec(message)?.[0];
}
