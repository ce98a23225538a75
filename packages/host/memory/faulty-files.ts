/** Makes a chosen call of a host's files fail, for tests. */
import { fileError, systemError } from '../files/file-error.ts';
import type { HostFiles } from '../host.ts';

export interface Fault {
  /** Undefined: any operation that changes something. */
  readonly operation?: keyof HostFiles;
  /** The index of the call, from 0. */
  readonly call: number;
  /** Such as `EIO`, `ENOSPC` or `EROFS`. */
  readonly error: string;
  /** `after`: the operation takes effect and is reported as failed, as when the last sync fails. */
  readonly when: 'before' | 'after';
}

const reading: readonly string[] = [
  'info',
  'read',
  'digest',
  'list',
  'freeBytes',
] satisfies (keyof HostFiles)[];

export interface FaultyFiles {
  readonly files: HostFiles;
  /** How often the operation was called. */
  readonly calls: () => number;
}

export function faultyFiles(files: HostFiles, fault: Fault): FaultyFiles {
  let calls = 0;
  const isMeant = (name: string): boolean =>
    fault.operation === undefined ? !reading.includes(name) : name === fault.operation;
  const failing = new Proxy(files, {
    get: (target, name) => {
      const method = Reflect.get(target, name, target) as unknown;
      if (typeof method !== 'function' || !isMeant(String(name))) return bind(method, target);
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const isNow = calls === fault.call;
        calls += 1;
        const path = String(args[0]);
        const problem = fileError(String(name), path, systemError(fault.error, String(name), path));
        if (isNow && fault.when === 'before') throw asError(problem);
        const result: unknown = await Reflect.apply(method, target, args);
        if (isNow) throw asError(problem);
        return result;
      };
    },
  });
  return { files: failing, calls: () => calls };
}

function bind(value: unknown, target: object): unknown {
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

function asError(problem: unknown): Error {
  return problem instanceof Error ? problem : new Error(String(problem));
}
