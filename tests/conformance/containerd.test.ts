/** The installer on every supported version of containerd, with main files as administrators write them. */
import { strict as assert } from 'node:assert';
import { posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readForeignSettings } from '../driver/engine-answers.ts';
import { runtimeClass } from '../driver/manual-installation.ts';
import {
  containerRestarts,
  newestShimVersion,
  podKeepsRunning,
  readTree,
  readUnitStart,
  startKataPod,
} from '../driver/kata-steps.ts';
import { versions } from '../driver/kill-installer.ts';
import { LabDriver } from '../driver/lab-driver.ts';
import { type MainFile, mainFiles } from '../driver/main-files.ts';
import { NodeInstaller } from '../driver/node-installer.ts';
import { copyServedHandlers, readServed } from '../driver/read-served.ts';

const lab = new LabDriver('conformance');
const timeout = 'io.containerd.timeout.task.state';
const mainPath = '/etc/containerd/config.toml';

interface Node {
  readonly name: string;
  readonly engine: string;
  readonly installer: NodeInstaller;
}

const engines = ['containerd-1.6', 'containerd-1.7', 'containerd-2.2', 'containerd-2.3', 'containerd-2.4'];
/** One after the other: five nodes at once need more memory than most machines have. */
const nodes: readonly Node[] = engines.map((engine) => ({
  name: 'n1',
  engine,
  installer: new NodeInstaller(lab, 'n1'),
}));

/** The node's own main file. */
let ownText = '';

async function start({ name, engine, installer }: Node): Promise<void> {
  await lab.down();
  await lab.up(['--engine', engine]);
  await lab.lab(['publish']);
  await lab.apply(runtimeClass);
  for (const version of versions) await installer.unpack(version, version);
  await copyServedHandlers(lab, name);
  ownText = await lab.onNode(name, ['cat', mainPath]);
}

afterAll(async () => {
  await lab.down();
});

/** Writes the main file and restarts containerd. */
async function prepare({ name }: Node, file: MainFile): Promise<void> {
  const text = file.text(ownText);
  await lab.onNode(name, ['rm', '-rf', mainPath, '/etc/containerd/managed']);
  if (text !== undefined) {
    const path = file.linkTo ?? mainPath;
    await lab.onNode(name, ['mkdir', '-p', posix.dirname(path)]);
    await lab.onNode(name, ['tee', path], text);
    if (file.linkTo !== undefined) await lab.onNode(name, ['ln', '-s', file.linkTo, mainPath]);
  }
  await lab.onNode(name, ['systemctl', 'restart', 'containerd']);
}

async function run(
  { installer }: Node,
  version: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { exitCode, stderr } = await installer.run(version, words, environment);
  assert.equal(exitCode, 0, `${words.join(' ')}:\n${stderr}`);
}

/** Runs the step; then the administrator's settings must be as before, and exactly these handlers served. */
async function keepsSettings(
  node: Node,
  handlers: readonly string[],
  step: () => Promise<unknown>,
): Promise<void> {
  const before = await readForeignSettings(lab, node.name);
  await step();
  expect(await readForeignSettings(lab, node.name)).toEqual(before);
  expect(await readServed(lab, node.name, '3.24.0')).toEqual(handlers);
}

const suits = ({ engine }: Node, { since }: MainFile): boolean =>
  since === '1.6' || engine >= `containerd-${since}`;

describe.each(nodes)('$engine', (node) => {
  beforeAll(async () => {
    await start(node);
  });

  test.each(mainFiles.filter((file) => suits(node, file)))('main file: $title', async (file) => {
    await prepare(node, file);
    const before = await readTree(lab, node.name);

    await keepsSettings(
      node,
      ['kata-clh', 'kata-qemu'],
      async () => await run(node, '3.24.0', ['install', '--once']),
    );
    const [tree, start] = [await readTree(lab, node.name), await readUnitStart(lab, node.name)];
    await keepsSettings(
      node,
      ['kata-clh', 'kata-qemu'],
      async () => await run(node, '3.24.0', ['install', '--once']),
    );
    expect([await readTree(lab, node.name), await readUnitStart(lab, node.name)]).toEqual([tree, start]);

    const others = { SHIMS_X86_64: 'qemu remote' };
    await keepsSettings(
      node,
      ['kata-qemu', 'kata-remote'],
      async () => await run(node, '3.24.0', ['install', '--once'], others),
    );
    await keepsSettings(
      node,
      ['kata-clh', 'kata-qemu'],
      async () => await run(node, '3.25.0', ['install', '--once']),
    );
    await keepsSettings(node, [], async () => await run(node, '3.25.0', ['cleanup']));
    expect(await readTree(lab, node.name)).toEqual(before);
  });

  test('an edit of the administrator after the installation stays, also after the removal', async () => {
    const [file] = mainFiles;
    assert.ok(file);
    await prepare(node, file);
    const original = await lab.onNode(node.name, ['cat', mainPath]);
    await run(node, '3.24.0', ['install', '--once']);
    const edited = `\n[timeouts]\n  "${timeout}" = "7s" # by the administrator\n`;
    await lab.onNode(node.name, ['tee', '--append', mainPath], edited);

    await keepsSettings(
      node,
      ['kata-clh', 'kata-qemu'],
      async () => await run(node, '3.25.0', ['install', '--once']),
    );
    await run(node, '3.25.0', ['cleanup']);

    expect(await lab.onNode(node.name, ['cat', mainPath])).toBe(`${original}\n${edited}`.trimEnd());
    expect((await readForeignSettings(lab, node.name))['timeouts']).toMatchObject({ [timeout]: '7s' });
  });

  test('a second installation with a suffix is added and removed next to the first', async () => {
    const [file] = mainFiles;
    assert.ok(file);
    await prepare(node, file);
    const before = await readTree(lab, node.name);
    const second = { MULTI_INSTALL_SUFFIX: 'two', SHIMS_X86_64: 'qemu' };
    await run(node, '3.24.0', ['install', '--once']);
    const first = await readTree(lab, node.name);

    await keepsSettings(node, ['kata-clh', 'kata-qemu'], async () => {
      await run(node, '3.25.0', ['install', '--once'], second);
      await run(node, '3.25.0', ['cleanup'], second);
    });

    expect(await readTree(lab, node.name)).toEqual(first);
    await run(node, '3.25.0', ['cleanup']);
    expect(await readTree(lab, node.name)).toEqual(before);
  });

  test('a Kata pod keeps running through upgrade and restarts, and what it needs is retained', async () => {
    const [file] = mainFiles;
    assert.ok(file);
    await prepare(node, file);
    const before = await readTree(lab, node.name);
    await run(node, '3.24.0', ['install', '--once']);
    const pod = await startKataPod(lab, `kata-${node.name}`, node.name);
    expect(await newestShimVersion(lab, node.name)).toBe('3.24.0');

    const start = await readUnitStart(lab, node.name);
    await run(node, '3.25.0', ['install', '--once']);
    expect(await readUnitStart(lab, node.name)).toBe(start);
    await podKeepsRunning(lab, pod);
    await lab.onNode(node.name, ['systemctl', 'restart', 'containerd']);
    await expect.poll(async () => await podKeepsRunning(lab, pod), { timeout: 60_000 }).toBeUndefined();
    await containerRestarts(lab, pod);
    // The handler of a running pod is retained, although it is no longer configured.
    await run(node, '3.25.0', ['install', '--once'], { SHIMS_X86_64: 'remote' });
    expect(await readServed(lab, node.name, '3.24.0')).toContain('kata-qemu');
    const { exitCode } = await node.installer.run('3.25.0', ['cleanup']);
    expect(exitCode).toBe(6);

    await lab.deletePod(pod.name);
    const gone = { timeout: 60_000, interval: 500 };
    await expect.poll(async () => await lab.onNode(node.name, ['ls', '/run/vc/sbs']), gone).toBe('');
    await run(node, '3.25.0', ['cleanup']);
    expect(await readTree(lab, node.name)).toEqual(before);
  });
});
