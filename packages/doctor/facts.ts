/** What the doctor examines, as plain data. */
import type { LoaderAnswer, VersionSupport } from '@kata/engines';
import type { HostPath, Mount } from '@kata/host';
import type { SandboxView } from '@kata/installer';
import type { DeviceVisibility, Visibility } from './check-result.ts';

export type Device = '/dev/kvm' | '/dev/vhost-vsock' | '/dev/vhost-net' | '/dev/sev' | '/dev/vfio';

export interface DoctorFacts {
  readonly devices: Readonly<Record<Device, DeviceVisibility>>;
  readonly kernel: KernelFacts;
  readonly systemd: { readonly privateSocket: Visibility; readonly busSocket: Visibility };
  /** The mount of the prefix; undefined when no part of the host is mounted there. */
  readonly mount: Mount | undefined;
  readonly space: SpaceFacts;
  readonly engine: EngineView;
  readonly kubelet: KubeletFacts;
  readonly kubeletVersion: KubeletVersion;
  readonly sandboxes: SandboxFacts;
}

export interface KernelFacts {
  /** Text of /proc/cpuinfo. */
  readonly cpuInfo: string;
  /** Whether a driver registered the KVM device: /dev/kvm may exist without one. */
  readonly kvmDriver: Visibility;
  /** Values of the parameters; undefined when the kernel has no such parameter. */
  readonly sevSnp: string | undefined;
  readonly tdx: string | undefined;
  readonly secureExecution: { readonly visibility: Visibility; readonly text: string | undefined };
  readonly selinux: 'enforcing' | 'permissive' | 'disabled' | 'hidden';
}

export type SpaceFacts =
  | { readonly kind: 'measured'; readonly neededBytes: number; readonly freeBytes: number }
  /** There is no usable payload. */
  | { readonly kind: 'unknown'; readonly message: string };

export type EngineView =
  /** It is not known or not supported. */
  | { readonly kind: 'foreign'; readonly message: string; readonly hint: string }
  | ({ readonly title: string } & (
      | { readonly kind: 'hidden'; readonly directory: HostPath }
      | { readonly kind: 'unresponsive'; readonly unit: string; readonly message: string }
      | {
          readonly kind: 'answers';
          /** The running version and, if it differs, the one on disk, which runs after the next restart. */
          readonly versions: readonly { readonly version: string; readonly judgement: VersionSupport }[];
          readonly configuration: EngineConfiguration;
        }
    ));

export type EngineConfiguration =
  | { readonly kind: 'hidden'; readonly directory: HostPath }
  | { readonly kind: 'refused'; readonly messages: readonly string[]; readonly hint: string }
  | {
      readonly kind: 'sound';
      readonly files: readonly HostPath[];
      /** Those of them that apparently have foreign changes since the engine was started. */
      readonly unloaded: readonly HostPath[];
      /** Result of its own loader for the edits of an installation; undefined without edits. */
      readonly answer: LoaderAnswer | undefined;
    };

export type SandboxFacts =
  | { readonly kind: 'hidden'; readonly directory: HostPath }
  | { readonly kind: 'seen'; readonly view: SandboxView };

export type KubeletFacts =
  | { readonly kind: 'not queried' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answered'; readonly timeoutSeconds: number };

export type KubeletVersion =
  | { readonly kind: 'not queried' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answered'; readonly version: string };
