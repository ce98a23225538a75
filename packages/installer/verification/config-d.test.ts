import { readFile } from 'node:fs/promises';
import type { Payload } from '@kata/artifacts';
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { runtimeDirectory, type Shim, shimBinary, shippedConfiguration } from '@kata/kata';
import { beforeAll, describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { kataFile, packPayload, type PayloadContents, useScratch } from '../testkit/pack-payload.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { bareMachine } from '../testkit/use-verified-node.ts';
import type { Finding } from './finding.ts';

const shims: readonly Shim[] = [
  { name: 'qemu', language: 'go', components: { x86_64: ['shim-v2-go'] } },
  { name: 'qemu-runtime-rs', language: 'rust', components: { x86_64: ['shim-v2-rust'] } },
];
const settings = someSettings([], { shims: [...shims] });
const configuration = `[hypervisor.qemu]
path = "/opt/kata/bin/qemu"
kernel = "/opt/kata/bin/qemu"
image = "/opt/kata/bin/qemu"
shared_fs = "none"
[runtime]
name = "virt_container"
hypervisor_name = "qemu"
agent_name = "kata"
`;

const components: PayloadContents['components'] = Object.fromEntries(
  shims.map((shim) => [
    shim.components.x86_64?.[0] ?? '',
    [
      kataFile(shimBinary(shim), 'shim 4.1.0', 0o755),
      kataFile(shippedConfiguration(shim), configuration),
      ...(shim.language === 'go' ? [kataFile('bin/qemu', 'qemu', 0o755)] : []),
    ],
  ]),
);

const scratch = useScratch('config-d');
let payload: Payload;

beforeAll(async () => {
  payload = await packPayload(scratch(), { version: '4.1.0', components });
});

/** Installs, adds the entry to the `config.d` of both handlers, and verifies. */
async function verifyWith(name: string, seed: MemorySeed): Promise<readonly Finding[]> {
  const site = { '/etc/site.toml': '[runtime]\nenable_debug = true\n' };
  const node = await MemoryNode.start({ ...bareMachine, files: { ...bareMachine.files, ...site } });
  const { release } = await node.installation(settings).install(payload);
  for (const shim of shims) {
    const folder: HostPath = `/opt/kata/releases/${release}/${runtimeDirectory(shim)}/config.d`;
    await node.host.files.makeDirectory(folder);
    node.host.files.seed(`${folder}/${name}`, seed);
  }
  const { findings } = await node.verify(settings);
  return findings.filter(({ area, state }) => area === 'handler' && state === 'problem');
}

describe('kata-01-verify-config-d, issue 12.18: verify reads every entry that the loaders read', async () => {
  interface Case {
    readonly name: string;
    readonly text: string | null;
    readonly go: string;
    readonly rust: string;
  }
  const { cases } = JSON.parse(
    await readFile('tests/fixtures/cases/kata-01-verify-config-d/case.json', 'utf8'),
  ) as { readonly cases: readonly Case[] };

  test.each(cases)('$name: go $go, rust $rust', async ({ name, text, go, rust }) => {
    const findings = await verifyWith(name.replace('/', ''), text ?? { directory: true });

    const refused = [go, rust].flatMap((outcome, i) =>
      outcome.startsWith('refuses') ? [`kata-${shims[i]?.name}`] : [],
    );
    expect([...new Set(findings.map(({ subject }) => subject))]).toEqual(refused);
    for (const { found } of findings) expect(found).toContain(`/config.d/${name.replace('/', '')}`);
  });
});

test('a link is a problem only for the handler in Rust', async () => {
  const findings = await verifyWith('60-site.toml', { link: '/etc/site.toml' });

  expect(findings.map(({ subject, problem, found }) => [subject, problem, found])).toEqual([
    [
      'kata-qemu-runtime-rs',
      'refused',
      '/opt/kata/share/defaults/kata-containers/runtime-rs/runtimes/qemu-runtime-rs/config.d/60-site.toml is a link, which this runtime refuses',
    ],
  ]);
});
