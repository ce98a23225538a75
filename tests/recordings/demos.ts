/** The recorded demos: the commands of each, as a user types them in a folder with the verification pods. */

export interface DemoCommand {
  /** For a shell. */
  readonly text: string;
  /** Any other fails the recording. */
  readonly exitCode: number;
}

export interface Demo {
  readonly name: string;
  readonly title: string;
  readonly terminal: { readonly columns: number; readonly rows: number };
  /** Not shown. All nodes have 3.24.0 before. */
  readonly before: readonly string[];
  readonly commands: readonly DemoCommand[];
  /** What the last picture has. */
  readonly shows: readonly RegExp[];
}

const target = '--to 3.25.0 --chart oci://$REGISTRY/charts/kata-deploy --plain-http';
const columns =
  'kubectl get nodes -L katacontainers.io/kata-upgrade-status -L katacontainers.io/kata-current-version';
const window = 'kubectl label nodes --all katacontainers.io/kata-upgrade-window';
const chart = 'kata-upgrade oci://$REGISTRY/charts/kata-upgrade --plain-http --version 3.25.0 --hide-notes';
const submit = 'argo submit -n argo --from workflowtemplate/kata-upgrade -p target-version=3.25.0';
const allUpgraded = ['n1', 'n2', 'n3'].map((node) => new RegExp(`${node} .*completed +3\\.25\\.0`));
const secondReturned = [/n1 .*completed +3\.25\.0/, /n2 .*rolled-back +3\.24\.0/];

/** In the order in which they are recorded on one cluster; nodes without an earlier run show more of the rainy one. */
export const demos: readonly Demo[] = [
  {
    name: 'rainy',
    title: 'kata-lifecycle: a failed verification rolls back',
    terminal: { columns: 110, rows: 32 },
    before: [`${window}=true`],
    commands: [
      ok('kata-lifecycle nodes'),
      ok('tail -n 8 pod-that-rejects-n2.yaml'),
      { text: `kata-lifecycle upgrade ${target} --verification-pod pod-that-rejects-n2.yaml`, exitCode: 7 },
      ok('kata-lifecycle status'),
      ok('kata-lifecycle why n2'),
      ok(columns),
    ],
    shows: secondReturned,
  },
  {
    name: 'sunny',
    title: 'kata-lifecycle: an upgrade from 3.24.0 to 3.25.0',
    terminal: { columns: 110, rows: 32 },
    before: [`${window}-`],
    commands: [
      ok('kata-lifecycle nodes'),
      ok('cat pod.yaml'),
      ok(`${window}=true`),
      ok(`kata-lifecycle plan ${target} --verification-pod pod.yaml`),
      ok(`kata-lifecycle upgrade ${target} --verification-pod pod.yaml`),
      ok('kata-lifecycle status'),
      ok(columns),
    ],
    shows: allUpgraded,
  },
  {
    name: 'sunny-argo',
    title: 'Argo Workflows: an upgrade from 3.24.0 to 3.25.0',
    terminal: { columns: 140, rows: 46 },
    before: [`${window}=true`],
    commands: [
      ok(
        `helm install ${chart} \\\n    --set argoNamespace=argo --set-file defaults.verificationPod=pod.yaml --values lab.yaml`,
      ),
      ok(submit),
      ok('argo watch -n argo @latest'),
      ok(columns),
    ],
    shows: allUpgraded,
  },
  {
    name: 'rainy-argo',
    title: 'Argo Workflows: a failed verification rolls back',
    terminal: { columns: 140, rows: 46 },
    before: [`${window}=true`],
    commands: [
      ok(
        `helm upgrade ${chart} \\\n    --reset-then-reuse-values --set-file defaults.verificationPod=pod-that-rejects-n2.yaml`,
      ),
      ok(submit),
      ok('argo watch -n argo @latest'),
      ok('kata-lifecycle status'),
      ok(columns),
    ],
    shows: secondReturned,
  },
];

function ok(text: string): DemoCommand {
  return { text, exitCode: 0 };
}
