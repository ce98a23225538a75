/** The behaviour of every Host, as cases that each implementation must pass. */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Host, HostFiles } from '../host.ts';
import { testLock, testMachine } from './machine.ts';
import { testCreating, testLinks } from './making.ts';
import { testMoving, testRemoving } from './moving.ts';
import { testReading } from './reading.ts';
import { testStamps } from './stamps.ts';
import { testExpecting, testWriting } from './writing.ts';

export interface TestedHost {
  /** Has only `/work`, an empty writable directory. */
  readonly host: Host;
  dispose(): Promise<void>;
}

export function describeHost(name: string, make: () => Promise<TestedHost>): void {
  let tested: TestedHost;
  let host: Host;
  let files: HostFiles;
  beforeEach(async () => {
    tested = await make();
    ({ host } = tested);
    ({ files } = host);
  });
  afterEach(async () => {
    await tested.dispose();
  });
  const current = { host: () => host, files: () => files };
  describe(`${name}: reading`, () => testReading(current));
  describe(`${name}: stamps`, () => testStamps(current));
  describe(`${name}: writing`, () => testWriting(current));
  describe(`${name}: foreign files`, () => testExpecting(current));
  describe(`${name}: streams and directories`, () => testCreating(current));
  describe(`${name}: links`, () => testLinks(current));
  describe(`${name}: moving`, () => testMoving(current));
  describe(`${name}: removing`, () => testRemoving(current));
  describe(`${name}: locks`, () => testLock(current));
  describe(`${name}: the machine`, () => testMachine(current));
}
