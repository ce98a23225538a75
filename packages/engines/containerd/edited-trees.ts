/** For tests: trees of files that plans edit, checked after each edit. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HostPath } from '@kata/host';
import { MemoryHost } from '@kata/host/memory';
import type { Handler } from '@kata/kata';
import { parse } from 'smol-toml';
import { expect } from 'vitest';
import type { EngineContext, FileEdit, OwnedFile } from '../contract.ts';
import { findFaults } from './check-after.ts';
import { type ContainerdFacts, containerd } from './index.ts';

export type Tree = Readonly<Record<HostPath, string>>;

export const main: HostPath = '/etc/containerd/config.toml';
export const own: HostPath = '/opt/kata/containerd/config.d/kata-deploy.toml';
export const context: EngineContext = { prefix: '/opt/kata', suffix: '', owned: [] };
export const versions = ['1.6.20', '1.7.30', '2.0.0', '2.2.1', '2.4.2'] as const;

const fixture = (name: string): string =>
  readFileSync(new URL(`fixtures/${name}.toml`, import.meta.url), 'utf8');
const cri = '[plugins."io.containerd.grpc.v1.cri"]\n';
const gpu = `version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia]\nruntime_type = 'n'\n`;

/** `needs`: the only generation of containerd that can read it. */
export const fixtures: Readonly<Record<string, { readonly tree: Tree; readonly needs?: 1 | 2 }>> = {
  'no file': { tree: {} },
  'an empty file': { tree: { [main]: '' } },
  'comments only': { tree: { [main]: '# nothing set\n' } },
  'a version only': { tree: { [main]: 'version = 2' } },
  'a manually edited file in schema 2': { tree: { [main]: fixture('edited-2') } },
  'CRLF and a byte order mark': {
    tree: { [main]: `\uFEFF${fixture('edited-2').replaceAll('\n', '\r\n')}` },
  },
  'no final newline': { tree: { [main]: fixture('edited-2').trimEnd() } },
  'the default of 1.7': { tree: { [main]: fixture('default-1.7') } },
  'the default of 2.2': { tree: { [main]: fixture('default-2.2') }, needs: 2 },
  'schema 1': { tree: { [main]: 'root = "/r"\n[plugins.cri]\nsandbox_image = "p"\n' } },
  'inline tables and dotted keys': {
    tree: {
      [main]:
        'version = 2\nplugins."io.containerd.grpc.v1.cri".containerd.runtimes = { runc = { runtime_type = "r" } } # dense\n',
    },
  },
  'imports on several lines': {
    tree: {
      [main]: fixture('edited-3'),
      '/etc/containerd/gpu.toml': gpu,
      '/etc/containerd/extra/z.toml': 'version = 3\n[debug]\nlevel = "debug"\n',
    },
    needs: 2,
  },
  'a directory for drop-ins': {
    tree: {
      [main]: 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n',
      '/etc/containerd/conf.d/gpu.toml': gpu,
    },
    needs: 2,
  },
  'a section that an imported file replaces': {
    tree: {
      [main]: `version = 2\nimports = ["more/*.toml"]\n${cri}sandbox_image = "lost"\n`,
      '/etc/containerd/more/1.toml': `version = 2\n${cri}sandbox_image = "kept" # by ops\n`,
    },
  },
};

export const handlers: readonly Handler[] = ['kata-qemu', 'kata-clh'].map((name) => ({
  name,
  shimPath: '/opt/kata/bin/containerd-shim-kata-v2',
  configPath: `/opt/kata/share/defaults/kata-containers/configuration-${name}.toml`,
}));

export const probe = async (tree: Tree, version: string, owned = context): Promise<ContainerdFacts> =>
  await containerd.probe(new MemoryHost({ files: tree }), version, owned);

/** Applies and records a plan, as the installer does. */
export function applyEdits(
  tree: Tree,
  edits: readonly FileEdit[],
  owned: readonly OwnedFile[] = [],
): [Tree, OwnedFile[]] {
  const result = new Map(Object.entries(tree) as [HostPath, string][]);
  const records = new Map(owned.map((file) => [file.path, file]));
  for (const { path, before, after, original } of edits) {
    expect(result.get(path)).toBe(before);
    if (after === undefined) result.delete(path);
    else result.set(path, after);
    if (after === undefined || after === original) records.delete(path);
    else records.set(path, { path, original, leftSha256: createHash('sha256').update(after).digest('hex') });
  }
  return [Object.fromEntries(result), [...records.values()]];
}

interface State {
  readonly tree: Tree;
  readonly owned: readonly OwnedFile[];
}

export async function plan(
  state: State,
  version: string,
  wanted: readonly Handler[],
): Promise<readonly FileEdit[]> {
  const owned = { ...context, owned: state.owned, known: handlers };
  return containerd.planEdits(await probe(state.tree, version, owned), wanted, owned);
}

/** Checks after each edit that containerd could start, and at the end that it would serve the wanted handlers. */
export async function applyPlan(state: State, version: string, wanted: readonly Handler[]): Promise<State> {
  const before = await probe(state.tree, version);
  let current = state;
  for (const edit of await plan(state, version, wanted)) {
    const [tree, owned] = applyEdits(current.tree, [edit], current.owned);
    current = { tree, owned };
    expect((await probe(tree, version)).problems).toEqual([]);
  }
  const after = await probe(current.tree, version);
  expect(findFaults(before, after, wanted, context)).toEqual([]);
  for (const text of Object.values(current.tree)) parse(text.replace('\uFEFF', ''));
  return current;
}

export const start = (tree: Tree): State => ({ tree, owned: [] });
