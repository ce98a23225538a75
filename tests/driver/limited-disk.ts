/** Mounts a small file system over a folder of a node while a test needs it. */
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

  /** A copy of the folder, at first with enough space. */
  static async mount(lab: LabDriver, node: string, path: string): Promise<LimitedDisk> {
    const disk = new LimitedDisk(lab, node, path);
    await disk.apply(`set -e
      mkdir -p /run/kata-test-disk
      mount -t tmpfs -o mode=0755,size=${generous.pages * pageSize},nr_inodes=${generous.inodes} limited /run/kata-test-disk
      cp -a ${path}/. /run/kata-test-disk/
      mount --bind /run/kata-test-disk ${path}
      umount /run/kata-test-disk`);
    return disk;
  }

  /** Shell text that leaves this many free pages of 4096 bytes. */
  leavePages(count: number): string {
    const used = `$(df --block-size=${pageSize} --output=used ${this.path} | tail -n 1)`;
    return this.#remount(`size=$(( (${used} + ${count}) * ${pageSize} ))`);
  }

  /** Shell text that leaves this many free inodes. */
  leaveInodes(count: number): string {
    return this.#remount(`nr_inodes=$(( $(df --output=iused ${this.path} | tail -n 1) + ${count} ))`);
  }

  get makeRoom(): string {
    return this.#remount(`size=${generous.pages * pageSize},nr_inodes=${generous.inodes}`);
  }

  get makeReadOnly(): string {
    return this.#remount('ro');
  }

  get makeWritable(): string {
    return this.#remount('rw');
  }

  async inodesUsed(): Promise<number> {
    return Number(await this.apply(`df --output=iused ${this.path} | tail -n 1`));
  }

  /** Runs shell text on the node. */
  async apply(script: string): Promise<string> {
    return await this.#lab.onNode(this.#node, ['sh', '-c', script]);
  }

  /** Unmounts it and copies its content to the folder below. */
  async writeBack(): Promise<void> {
    await this.apply(`set -e
      mkdir -p /run/kata-test-disk
      mount --bind ${this.path} /run/kata-test-disk
      umount ${this.path}
      find ${this.path} -mindepth 1 -delete
      cp -a /run/kata-test-disk/. ${this.path}/
      umount /run/kata-test-disk`);
  }

  /** Unmounts it. Its content is lost: it should equal that of the folder below. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.apply(`umount ${this.path}`);
  }

  #remount(options: string): string {
    return `mount -o remount,${options} ${this.path}`;
  }
}
