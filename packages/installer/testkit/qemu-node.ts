/** A node in memory with the shims `qemu` and `clh`, whose engine serves what its files contained at its last start. */
import type { Settings } from '@kata/settings';
import { systemError } from '@kata/host';
import { type MemoryChange, MemoryHost } from '@kata/host/memory';
import { Installation } from '../installation/installation.ts';
import { someSettings } from './some-settings.ts';

export const main = '/etc/containerd/config.toml';
export const mainText = `version = 2   # ours
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
\truntime_type = "io.containerd.runc.v2"\t# keep
`;
const unit = 'containerd.service';

export const settings = (...names: readonly string[]): Settings => someSettings(names);

class Crash extends Error {}

interface NodeOptions {
  readonly version?: string;
  /** Throws before this change, counted from 0. */
  readonly crashAt?: number;
  readonly freeBytes?: number;
}

export class QemuNode {
  readonly host: MemoryHost;
  changes = 0;
  crashAt: number | undefined;
  breaksAtRestart = false;
  /** Which changes fail with a disk error. */
  fails: (change: MemoryChange) => boolean = () => false;
  failed = false;
  readonly #version: string;
  #served: readonly string[] = [];

  constructor(options: NodeOptions = {}) {
    this.#version = options.version ?? '2.2.1';
    this.crashAt = options.crashAt;
    const { freeBytes } = options;
    this.host = new MemoryHost({
      ...(freeBytes === undefined ? {} : { freeBytes }),
      files: { [main]: { content: mainText, mode: 0o640 }, '/opt/cni/bin': { directory: true } },
      units: { [unit]: { active: 'active', startedAtMs: new Date('2026-01-01T00:00:00Z').getTime() } },
      beforeChange: (change) => {
        if (this.changes === this.crashAt) throw new Crash();
        this.changes += 1;
        if (!this.fails(change)) return;
        this.failed = true;
        throw systemError('EIO', 'write', change.path);
      },
      onRestart: async () => {
        this.host.advance(1000);
        if (this.breaksAtRestart) {
          this.breaksAtRestart = false;
          throw new Error('the engine did not start');
        }
        this.#served = await this.#configured();
      },
    });
  }

  installation(wanted: Settings): Installation {
    return new Installation({
      reserveBytes: 64,
      host: this.host,
      settings: wanted,
      engine: { version: async () => this.#version, servedHandlers: async () => this.#served },
      emit: () => undefined,
    });
  }

  /** Returns the ids of the sandboxes that must end first. */
  async remove(wanted: Settings): Promise<readonly string[]> {
    const installation = this.installation(wanted);
    return (await installation.remove(await installation.planRemoval())).map(({ id }) => id);
  }

  get restarts(): number {
    return this.host.units.restarts.length;
  }

  tree(): Readonly<Record<string, string>> {
    const { '/run': _, ...tree } = this.host.files.snapshot('/');
    // Files in `/run` contain times.
    return Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith('/run')));
  }

  async #configured(): Promise<readonly string[]> {
    const text = (await this.host.files.read(main))?.toString() ?? '';
    const imported = [...text.matchAll(/"(\/[^"]+\.toml)"/g)].map((match) => match[1] as `/${string}`);
    const texts = [text];
    for (const path of imported) {
      const folder = path.slice(0, path.lastIndexOf('/')) as `/${string}`;
      const names = path.endsWith('*.toml') ? await this.host.files.list(folder) : [];
      const files = names.length === 0 ? [path] : names.map((name) => `${folder}/${name}` as const);
      for (const file of files) texts.push((await this.host.files.read(file))?.toString() ?? '');
    }
    return [...texts.join('\n').matchAll(/runtimes\.["']?(kata-[a-z-]+)["']?\]/g)].map(
      (match) => match[1] ?? '',
    );
  }
}
