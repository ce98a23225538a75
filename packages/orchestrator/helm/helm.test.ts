import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '@kata/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Helm, type HelmOptions } from './helm.ts';
import { writeProgram } from './testkit/write-program.ts';

let directory: string;
let program: string;

/** A stand-in for Helm: a script that gets the name of the command in $1. */
async function standIn(script: string, version = 'v3.22.0'): Promise<void> {
  await writeProgram(program, `[ "$1" = version ] && { echo ${version}; exit; }\n${script}`);
}

async function open(options: Partial<HelmOptions> = {}): Promise<Helm> {
  return await Helm.open({ program, environment: { PATH: '/usr/bin:/bin', D: directory }, ...options });
}

async function failureOf(
  work: Promise<unknown>,
): Promise<{ readonly error: unknown; readonly text: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, text: describeError(error) };
}

const call = { what: 'do it', timeoutMs: 30_000 };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'helm-test-'));
  program = join(directory, 'helm');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('the program', () => {
  test('gets arguments, input and the given environment, and runs in a folder of its own', async () => {
    await standIn(
      `echo "$#:$2:$(cat):$(pwd):$(env | sed -n 's/^\\(D\\|HOME\\|LANG\\)=//p' | sort | tr '\\n' ' ')"`,
    );
    const helm = await open();

    const text = await helm.run(['x', 'a b'], { ...call, input: 'in' });

    expect(text).toBe(`2:a b:in:${helm.scratch}:${[directory, helm.scratch].toSorted().join(' ')} \n`);
    await helm[Symbol.asyncDispose]();
    expect(existsSync(helm.scratch)).toBe(false);
  });

  test('is missing', async () => {
    const { text } = await failureOf(open({ program: join(directory, 'none') }));

    expect(text).toBe(`cannot read the version of Helm: cannot run ${join(directory, 'none')} (ENOENT)
  next: install Helm, or name the program`);
  });

  test.each([
    ['v3.13.9', 'Helm v3.13.9'],
    ['v2.99.0', 'Helm v2.99.0'],
    ['""', 'Helm of an unknown version'],
  ])('is too old: %s', async (version, words) => {
    await standIn('', version);

    const { text } = await failureOf(open());

    expect(text).toBe(`${program} is ${words}\n  next: use Helm 3.14 or newer`);
  });

  test.each(['v3.14.0', 'v3.22.0-rc.1', 'v4.0.1'])('is recent enough: %s', async (version) => {
    await standIn('echo ok', version);
    await using helm = await open();

    expect(await helm.run(['x'], call)).toBe('ok\n');
  });
});

describe('a call that fails', () => {
  test('reports what Helm wrote last, without warnings and without the arguments', async () => {
    await standIn(
      'echo WARNING: old >&2; echo "Error: UPGRADE FAILED: no such thing" >&2; echo more >&2; exit 1',
    );
    await using helm = await open();

    const { error, text } = await failureOf(helm.run(['upgrade', '--set', 'password=secret'], call));

    expect(error).toMatchObject({ code: 'KATA_HELM_FAILED', exitCode: 3 });
    expect(text).toBe(`cannot do it
  because: helm failed with exit code 1: UPGRADE FAILED: no such thing
more
  next: fix the cause that Helm reports, then run this again`);
  });

  test('reads nothing where there is no release', async () => {
    await standIn('echo "Error: release: not found" >&2; exit 1');
    await using helm = await open();

    expect(await helm.read(['status'], call)).toBeUndefined();
    expect((await failureOf(helm.run(['status'], call))).error).toMatchObject({
      code: 'KATA_HELM_RELEASE_ABSENT',
    });
  });

  test('was killed', async () => {
    await standIn('kill -KILL $$');
    await using helm = await open();

    expect((await failureOf(helm.read(['x'], call))).text).toBe(`cannot do it
  because: helm was ended by SIGKILL
  next: fix the cause that Helm reports, then run this again`);
  });
});

describe('a call that does not end', () => {
  const waits = `trap 'echo stopped > $D/end; exit 1' TERM; echo > $D/begun; while :; do sleep 0.05; done`;
  const end = async (): Promise<string> => await readFile(join(directory, 'end'), 'utf8');

  test('is terminated at its deadline, and may write its status', async () => {
    await standIn(waits);
    await using helm = await open();

    const { error, text } = await failureOf(helm.run(['x'], { ...call, timeoutMs: 1500 }));

    expect(error).toMatchObject({ code: 'KATA_HELM_TIMEOUT', exitCode: 5 });
    expect(text).toContain('cannot do it: Helm did not end within 1.5 s');
    expect(await end()).toBe('stopped\n');
  });

  test('is terminated by an abort, whose reason is the error', async () => {
    await standIn(waits);
    const controller = new AbortController();
    await using helm = await open({ signal: controller.signal });
    const reason = new Error('stop');

    const failed = failureOf(helm.run(['x'], call));
    await expect.poll(() => existsSync(join(directory, 'begun')), { timeout: 20_000 }).toBe(true);
    controller.abort(reason);

    expect((await failed).error).toBe(reason);
    expect(await end()).toBe('stopped\n');
    expect((await failureOf(helm.run(['x'], call))).error).toBe(reason);
  });
});
