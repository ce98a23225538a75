/** Makes containerd of a node fail to start, or start another program, by a drop-in of its systemd unit. */
import type { LabDriver } from './lab-driver.ts';

const folder = '/run/systemd/system/containerd.service.d';
const file = `${folder}/90-fault.conf`;

export class EngineFault implements AsyncDisposable {
  readonly #lab: LabDriver;
  readonly #node: string;

  private constructor(lab: LabDriver, node: string) {
    this.#lab = lab;
    this.#node = node;
  }

  /** `service`: lines of the drop-in's [Service] section; they take effect at the next start. */
  static async inject(lab: LabDriver, node: string, ...service: readonly string[]): Promise<EngineFault> {
    const fault = new EngineFault(lab, node);
    await lab.onNode(node, ['mkdir', '-p', folder]);
    await lab.onNode(node, ['tee', file], ['[Service]', ...service, ''].join('\n'));
    await lab.onNode(node, ['systemctl', 'daemon-reload']);
    return fault;
  }

  /** Removes the drop-in and restarts containerd. */
  async remove(): Promise<void> {
    await this.#lab.onNode(this.#node, [
      'sh',
      '-c',
      `rm -f ${file} && systemctl daemon-reload && systemctl reset-failed containerd
      systemctl restart containerd`,
    ]);
  }

  /** Removes the drop-in without a restart. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab.onNode(this.#node, ['sh', '-c', `rm -f ${file} && systemctl daemon-reload`]);
  }
}
