/** A program that stands in for Helm, with revisions that a test gives. */
import { chmod, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HelmOptions } from '../helm/index.ts';

interface StoredRevision {
  readonly version: string;
  /** What users gave; left out: nothing. */
  readonly values?: object;
  /** As with --history-max. */
  readonly isRemoved?: true;
}

export interface HelmState {
  /** The oldest first; the last one is deployed. */
  readonly revisions: readonly StoredRevision[];
  /** The version of every chart that is shown. */
  readonly chart: string;
}

export interface FakeHelm extends AsyncDisposable {
  readonly options: HelmOptions;
  /** Any path that exists. */
  readonly chart: string;
  readonly versions: () => Promise<readonly string[]>;
}

/** Revisions by their versions alone have no values. */
export async function startFakeHelm(
  revisions: readonly (string | StoredRevision)[],
  chart: string,
): Promise<FakeHelm> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'fake-helm-'));
  const [program, file] = [join(folder.path, 'helm'), join(folder.path, 'state.json')];
  const state: HelmState = {
    revisions: revisions.map((one) => (typeof one === 'string' ? { version: one } : one)),
    chart,
  };
  await writeFile(file, JSON.stringify(state));
  const script = join(import.meta.dirname, 'helm-stand-in/main.ts');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${script}' '${file}' "$@"\n`);
  await chmod(program, 0o755);
  return {
    options: { program, environment: { PATH: '/usr/bin:/bin' } },
    chart: folder.path,
    versions: async () => {
      const { revisions } = JSON.parse(await readFile(file, 'utf8')) as HelmState;
      return revisions.map(({ version }) => version);
    },
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  };
}
