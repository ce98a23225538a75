/** Drives a lab as a user does: through bin/lab. */
import { join } from 'node:path';
import { execa } from 'execa';
import { waitFor } from '@kata/core';

const repository = join(import.meta.dirname, '../..');

export const labProgram = join(repository, 'bin/lab');

export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export class LabDriver {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Runs a command of bin/lab and expects it to succeed. */
  async lab(words: readonly string[], input?: string | Uint8Array): Promise<string> {
    const result = await this.tryLab(words, input);
    if (result.exitCode === 0) return result.stdout;
    throw new Error(
      `lab ${words.join(' ')} failed with exit code ${result.exitCode}:\n${result.stdout}\n${result.stderr}`,
    );
  }

  async tryLab(words: readonly string[], input?: string | Uint8Array): Promise<CommandResult> {
    const result = await execa(labProgram, words, {
      reject: false,
      env: { LAB_NAME: this.name },
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
    });
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }

  async up(words: readonly string[]): Promise<string> {
    return await this.lab(['up', ...words]);
  }

  async down(): Promise<void> {
    await this.lab(['down']);
  }

  async kubectl(words: readonly string[], input?: string): Promise<string> {
    return await this.lab(['kubectl', ...words], input);
  }

  async apply(...objects: readonly unknown[]): Promise<void> {
    const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    await this.kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], text);
  }

  async onNode(node: string, argv: readonly string[], input?: string | Uint8Array): Promise<string> {
    return await this.lab(['exec', node, '--', ...argv], input);
  }

  /** Runs a command in the only container of a pod. */
  async inPod(pod: string, argv: readonly string[]): Promise<string> {
    return await this.kubectl(['exec', pod, '--', ...argv]);
  }

  async waitForPod(pod: string, timeoutMs = 60_000): Promise<PodState> {
    return await waitFor({ what: `pod ${pod} to be ready`, timeoutMs, intervalMs: 300 }, async () => {
      const state = await this.readPod(pod);
      return state.ready ? state : undefined;
    });
  }

  async readPod(pod: string): Promise<PodState> {
    return readState(JSON.parse(await this.kubectl(['get', 'pod', pod, '--output=json'])) as PodJson);
  }

  /** The pods of the default namespace. */
  async readPods(): Promise<readonly PodState[]> {
    const text = await this.kubectl(['get', 'pods', '--output=json']);
    return (JSON.parse(text) as { readonly items: readonly PodJson[] }).items.map(readState);
  }

  async deletePod(pod: string): Promise<void> {
    await this.kubectl(['delete', 'pod', pod, '--grace-period=0', '--force', '--ignore-not-found']);
  }

  /** Messages of the events of a pod. */
  async podEvents(pod: string): Promise<string> {
    return await this.kubectl([
      'get',
      'events',
      `--field-selector=involvedObject.name=${pod}`,
      '--output=jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}',
    ]);
  }
}

export interface PodState {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly address: string;
  readonly ready: boolean;
  readonly restarts: number;
}

interface PodJson {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

function readState({ metadata, spec, status }: PodJson): PodState {
  return {
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    address: status.podIP ?? '',
    ready: status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false,
    restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
  };
}

export interface PodOptions {
  readonly name: string;
  readonly node: string;
  readonly image?: string;
  readonly runtimeClass?: string;
}

/** A pod that serves its own name over HTTP on port 8080 and has kubectl in /kube. */
export function answeringPod(options: PodOptions): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: options.name },
    spec: {
      nodeName: options.node,
      terminationGracePeriodSeconds: 0,
      ...(options.runtimeClass === undefined ? {} : { runtimeClassName: options.runtimeClass }),
      containers: [
        {
          name: 'main',
          image: options.image ?? 'registry.lab:5000/busybox:1',
          command: [
            'sh',
            '-c',
            'echo "hello from $HOSTNAME"; mkdir -p /tmp/www; hostname > /tmp/www/index.html; httpd -f -p 8080 -h /tmp/www & echo $! > /tmp/server; wait',
          ],
          volumeMounts: [{ name: 'kube', mountPath: '/kube', readOnly: true }],
        },
      ],
      volumes: [{ name: 'kube', hostPath: { path: '/usr/local/lib/lab/kube' } }],
    },
  };
}
