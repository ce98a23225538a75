/** The overhead of a pod and the nodes that it needs, by kind of Kata runtime. */

export interface Overhead {
  /** Quantities of Kubernetes. */
  readonly memory: string;
  readonly cpu: string;
}

const small: Overhead = { memory: '130Mi', cpu: '250m' };
const usual: Overhead = { memory: '320Mi', cpu: '250m' };
const confidential: Overhead = { memory: '2048Mi', cpu: '1.0' };

/** As in upstream's chart; the first row whose pattern the name matches. */
const overheads: readonly (readonly [pattern: RegExp, overhead: Overhead])[] = [
  [/^(clh|openvmm|dragonball|fc)\b/, small],
  [/^remote$/, { memory: '120Mi', cpu: '250m' }],
  [/^qemu-coco-dev$/, { memory: '160Mi', cpu: '250m' }],
  [/^qemu-nvidia-gpu/, { memory: '10240Mi', cpu: '1.0' }],
  [/^qemu-se\b/, { memory: '1024Mi', cpu: '1.0' }],
  [/^qemu-(snp|tdx)\b/, confidential],
  [/^qemu/, usual],
];

/** @throws Error for a shim without a row, which is a bug in the table. */
export function podOverhead(shim: string): Overhead {
  const row = overheads.find(([pattern]) => pattern.test(shim));
  if (row === undefined) throw new Error(`no pod overhead is defined for the shim ${shim}`);
  return row[1];
}

/** Labels of nodes whose GPUs can be passed to such guests, as NVIDIA's operator and NFD set them. */
export function graphicsSelector(shim: string): Readonly<Record<string, string>> {
  if (!shim.startsWith('qemu-nvidia-gpu')) return {};
  const words = shim.split('-');
  const [platform] = Object.entries(platformLabels).filter(([word]) => words.includes(word));
  const isConfidential = platform !== undefined;
  return {
    ...(isConfidential ? { [platform[1]]: 'true' } : {}),
    'nvidia.com/cc.ready.state': String(isConfidential),
  };
}

const platformLabels: Readonly<Record<string, string>> = {
  snp: 'amd.feature.node.kubernetes.io/snp',
  tdx: 'intel.feature.node.kubernetes.io/tdx',
};
