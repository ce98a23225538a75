/** Has containerd of a node fail to start, or start as another, through what an administrator can do: drop-ins of its unit. */
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

  /** `service`: lines of its section; they count from the next start on. */
  static async inject(lab: LabDriver, node: string, ...service: readonly string[]): Promise<EngineFault> {
    const fault = new EngineFault(lab, node);
    await lab.onNode(node, ['mkdir', '-p', folder]);
    await lab.onNode(node, ['tee', file], ['[Service]', ...service, ''].join('\n'));
    await lab.onNode(node, ['systemctl', 'daemon-reload']);
    return fault;
  }

  /** containerd runs again as it does without. */
  async remove(): Promise<void> {
    await this.#lab.onNode(this.#node, [
      'sh',
      '-c',
      `rm -f ${file} && systemctl daemon-reload && systemctl reset-failed containerd
      systemctl restart containerd`,
    ]);
  }

  /** Costs no restart. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab.onNode(this.#node, ['sh', '-c', `rm -f ${file} && systemctl daemon-reload`]);
  }
}
