/** A fake API server with one Lease, for tests. */
import type { ScriptedAnswer, SeenRequest } from './scripted-api.ts';

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export class LeaseKeeper {
  spec: LeaseSpec | undefined;
  version = 1;
  /** So many answers are lost after the request was carried out. */
  losesNext = 0;

  constructor(spec?: LeaseSpec) {
    this.spec = spec;
  }

  answer({ method, body }: SeenRequest): ScriptedAnswer {
    const answer = this.#do(method, body);
    if (method === 'GET' || this.losesNext === 0) return answer;
    this.losesNext -= 1;
    return { status: 0 };
  }

  write(spec: LeaseSpec | undefined): void {
    this.spec = spec;
    this.version += 1;
  }

  #do(method: string, body: unknown): ScriptedAnswer {
    if (method === 'POST') {
      if (this.spec !== undefined) return { status: 409 };
      this.write((body as { readonly spec: LeaseSpec }).spec);
      return { status: 201, body: {} };
    }
    if (this.spec === undefined) return { status: 404 };
    if (method === 'PATCH') {
      const [, tested, written] = body as readonly { readonly value: unknown }[];
      if (tested?.value !== String(this.version)) return { status: 422 };
      this.write(written?.value as LeaseSpec);
    }
    const metadata = { uid: 'l1', resourceVersion: String(this.version) };
    return { status: 200, body: { metadata, spec: this.spec } };
  }
}
