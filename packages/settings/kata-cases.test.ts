/** Settings that Kata interpreted differently from users: the cases `kata-04`, `kata-05` and `kata-09`. */
import { readFile } from 'node:fs/promises';
import { KataError } from '@kata/core';
import { generateConfiguration, neededTexts } from '@kata/kata';
import { describe, expect, test } from 'vitest';
import { resolveSettings } from './resolve-settings.ts';
import type { Settings } from './settings.ts';

interface Given {
  readonly environment: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

async function readCase<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(`tests/fixtures/cases/${name}/case.json`, 'utf8')) as T;
}

async function settingsFrom({ environment, files = {} }: Given): Promise<Settings> {
  const readFrom = async (path: string): Promise<string | undefined> => files[path];
  const sources = { flags: {}, environment, kataArchitecture: 'x86_64' as const, readFile: readFrom };
  return (await resolveSettings(sources)).settings;
}

async function refusalOf(given: Given): Promise<readonly string[]> {
  try {
    await settingsFrom(given);
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    expect([error.code, error.exitCode]).toEqual(['KATA_CONFIG_INVALID', 2]);
    return error.message.split('\n');
  }
  return [];
}

/** Kernel parameters of the guest, from the only drop-in that has any. */
async function kernelParams(settings: Settings): Promise<readonly string[]> {
  const desired = { ...settings, kubeletRoot: undefined };
  const texts = new Map(
    neededTexts(desired).map((path) => [path, '[hypervisor.qemu]\nshared_fs = "none"\n']),
  );
  const { files } = generateConfiguration(desired, texts)('4.1.0-0a');
  const text = files.get(
    'share/defaults/kata-containers/custom-runtimes/kata-mine/config.d/30-kernel-params.toml',
  )?.text;
  return /kernel_params = "(.*)"/.exec(text ?? '')?.[1]?.split(' ') ?? [];
}

describe('kata-04-custom-runtime-proxy, issue 12.19', async () => {
  interface Case extends Given {
    readonly 'custom-runtimes.list': string;
    readonly right: { readonly 'params with proxy': readonly string[] };
  }
  const given = await readCase<Case>('kata-04-custom-runtime-proxy');
  const files = { '/custom-configs/custom-runtimes.list': given['custom-runtimes.list'] };

  test('a custom runtime has the proxy for all shims although its base is not enabled', async () => {
    const settings = await settingsFrom({ environment: given.environment, files });

    expect(settings.shims.map(({ name }) => name)).toEqual(['remote']);
    expect(await kernelParams(settings)).toEqual(given.right['params with proxy']);
  });

  test('a custom runtime has the proxy of its base', async () => {
    const environment = { ...given.environment, AGENT_HTTPS_PROXY: 'qemu=http://mine:1', AGENT_NO_PROXY: '' };

    expect(await kernelParams(await settingsFrom({ environment, files }))).toEqual([
      'agent.https_proxy=http://mine:1',
    ]);
  });
});

describe('kata-05-annotation-expressions, issue 12.19', async () => {
  const { environment } = await readCase<Given>('kata-05-annotation-expressions');
  const variable = 'ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64';

  test('an expression that does not compile in Rust would disable the whole list, and is refused', async () => {
    expect(await refusalOf({ environment })).toEqual([
      `${variable} "*" has "*", which is not a valid regular expression for Kata: it has nothing before "*" to repeat`,
    ]);
  });

  test.each(['*', 'default_[', '(?!path).*', 'qemu:kernel,*'])('%s is refused', async (text) => {
    expect(await refusalOf({ environment: { ...environment, [variable]: text } })).toHaveLength(1);
  });

  test('an expression that compiles in Go and Rust is used as written', async () => {
    const text = '^path$ qemu:default_.*,kernel(_verity)?_params';
    const { options } = await settingsFrom({ environment: { ...environment, [variable]: text } });

    expect(options.get('qemu')?.hypervisorAnnotations).toEqual([
      '^path$',
      'default_.*',
      'kernel(_verity)?_params',
    ]);
  });
});

test('kata-09-prefix-with-two-slashes, issue 12.19: a path with two slashes means the same as with one', async () => {
  const { environment, right } = await readCase<Given & { readonly right: string }>(
    'kata-09-prefix-with-two-slashes',
  );

  expect((await settingsFrom({ environment: { ...environment, SHIMS_X86_64: 'qemu' } })).prefix).toBe(right);
});

test('issue 12.18: a value that no version of Kata accepts is refused, with its file', async () => {
  const environment = { SHIMS_X86_64: 'qemu', CUSTOM_RUNTIMES_ENABLED: 'true' };
  const files = {
    '/custom-configs/dropin-qemu.toml': '[hypervisor.qemu]\nenable_debug = "yes"\n',
    '/custom-configs/custom-runtimes.list': 'kata-mine:qemu-runtime-rs\n',
    '/custom-configs/dropin-kata-mine.toml': '[agent.kata]\ndial_timeout_ms = -1\n',
  };

  expect(await refusalOf({ environment, files })).toEqual([
    '/custom-configs/dropin-qemu.toml: hypervisor.qemu.enable_debug must be true or false, or Kata starts no pod',
    '/custom-configs/dropin-kata-mine.toml: agent.kata.dial_timeout_ms must be a whole number from 0 to 4294967295, or Kata starts no pod',
  ]);
});

test('issue 12.21: TOML that does not parse and reserved names of handlers are refused', async () => {
  const environment = { SHIMS_X86_64: 'qemu', CUSTOM_RUNTIMES_ENABLED: 'true' };
  const files = {
    '/custom-configs/dropin-qemu.toml': 'kernel =',
    '/custom-configs/custom-runtimes.list': 'runc:qemu\nuntrusted:qemu\nkata-qemu-debug:qemu\n',
  };

  expect(await refusalOf({ environment, files })).toEqual([
    expect.stringContaining('/custom-configs/dropin-qemu.toml is not valid TOML at line 1, column 9'),
    '/custom-configs/custom-runtimes.list, line 1, the name of handler "runc" is already in use',
    '/custom-configs/custom-runtimes.list, line 2, the name of handler "untrusted" is already in use',
    '/custom-configs/custom-runtimes.list, line 3, the name of handler "kata-qemu-debug" is already in use',
  ]);
});
