/** A small file system of its own in the place of a folder of a node, for as long as a test needs it. */
import type { LabDriver } from './lab-driver.ts';

const pageSize = 4096;
const generous = { pages: 100_000, inodes: 100_000 };

export class LimitedDisk implements AsyncDisposable {
  readonly #lab: LabDriver;
  readonly #node: string;
  readonly path: string;

  private constructor(lab: LabDriver, node: string, path: string) {
    this.#lab = lab;
    this.#node = node;
    this.path = path;
  }

  /** With room for everything at first, and with what the folder holds. */
  static async mount(lab: LabDriver, node: string, path: string): Promise<LimitedDisk> {
    const disk = new LimitedDisk(lab, node, path);
    await disk.#shell(`set -e
      mkdir -p /run/kata-test-disk
      mount -t tmpfs -o mode=0755,size=${generous.pages * pageSize},nr_inodes=${generous.inodes} limited /run/kata-test-disk
      cp -a ${path}/. /run/kata-test-disk/
      mount --bind /run/kata-test-disk ${path}
      umount /run/kata-test-disk`);
    return disk;
  }

  /** Just so many pages of 4096 bytes are free; a ballast file of the same length could do no more. */
  async leavePages(count: number): Promise<void> {
    const used = `$(df --block-size=${pageSize} --output=used ${this.path} | tail -n 1)`;
    await this.#remount(`size=$(( (${used} + ${count}) * ${pageSize} ))`);
  }

  /** Just so many files and directories can still be made. */
  async leaveInodes(count: number): Promise<void> {
    const used = `$(df --output=iused ${this.path} | tail -n 1)`;
    await this.#remount(`nr_inodes=$(( ${used} + ${count} ))`);
  }

  async inodesUsed(): Promise<number> {
    return Number(await this.#shell(`df --output=iused ${this.path} | tail -n 1`));
  }

  async makeRoom(): Promise<void> {
    await this.#remount(`size=${generous.pages * pageSize},nr_inodes=${generous.inodes}`);
  }

  async remount(how: 'ro' | 'rw'): Promise<void> {
    await this.#remount(how);
  }

  /** What is on it is lost: it should be what the folder below it holds. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shell(`umount ${this.path}`);
  }

  async #remount(options: string): Promise<void> {
    await this.#shell(`mount -o remount,${options} ${this.path}`);
  }

  async #shell(script: string): Promise<string> {
    return await this.#lab.onNode(this.#node, ['sh', '-c', script]);
  }
}
