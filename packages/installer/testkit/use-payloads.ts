/** For tests that install: an older and a newer tiny payload, in a scratch folder. */
import type { Payload } from '@kata/artifacts';
import { beforeAll } from 'vitest';
import { useScratch } from './pack-payload.ts';
import { makeTwoTinyPayloads } from './tiny-payload.ts';

export interface Payloads {
  /** 3.24.0 */
  readonly first: Payload;
  /** 3.25.0 */
  readonly second: Payload;
}

/** Registers hooks that create and remove them; they do not exist before the first test. */
export function usePayloads(): Payloads {
  const scratch = useScratch('tiny-payloads');
  let payloads: readonly [Payload, Payload] | undefined;
  const made = (): readonly [Payload, Payload] => {
    if (payloads === undefined) throw new TypeError('there are no payloads before the first test');
    return payloads;
  };
  beforeAll(async () => {
    payloads = await makeTwoTinyPayloads(scratch());
  });
  return {
    get first() {
      return made()[0];
    },
    get second() {
      return made()[1];
    },
  };
}
