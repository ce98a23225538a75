/** Charts of a few lines: a ConfigMap, a DaemonSet that runs on no node, and a hook that must never run. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A new value of `app` is refused by the API server, because a selector cannot change. */
export interface SmallChart {
  readonly version: string;
  readonly name?: string;
  /** Default: the version. */
  readonly appVersion?: string;
  /** Content of the ConfigMap. */
  readonly text?: string;
}

const values = `image: { reference: registry/small, tag: '' }
text: ''
app: main
list: [a, b]
map: { one: 1, two: 2 }
`;

const objects = (text: string): string => `kind: ConfigMap
apiVersion: v1
metadata:
  name: {{ .Release.Name }}
data:
  text: ${JSON.stringify(text)}
  values: {{ .Values | toJson | quote }}
---
kind: DaemonSet
apiVersion: apps/v1
metadata:
  name: {{ .Release.Name }}
spec:
  selector: { matchLabels: { app: {{ .Values.app }} } }
  updateStrategy: { type: OnDelete }
  template:
    metadata: { labels: { app: {{ .Values.app }} } }
    spec:
      nodeSelector: { example.org/no: node }
      containers:
        - name: main
          image: {{ printf "%s:%s" .Values.image.reference (.Values.image.tag | default .Chart.AppVersion) | quote }}
---
kind: ConfigMap
apiVersion: v1
metadata:
  name: {{ .Release.Name }}-hook
  annotations:
    helm.sh/hook: pre-upgrade,post-upgrade,pre-rollback,post-rollback
`;

/** Returns the folder of the chart, below `directory`. */
export async function writeSmallChart(directory: string, chart: SmallChart): Promise<string> {
  const { version, name = 'small', appVersion = version, text = version } = chart;
  const folder = join(directory, `${name}-${version}-${text}`);
  await mkdir(join(folder, 'templates'), { recursive: true });
  await writeFile(
    join(folder, 'Chart.yaml'),
    JSON.stringify({ apiVersion: 'v2', name, version, appVersion }),
  );
  await writeFile(join(folder, 'values.yaml'), values);
  await writeFile(join(folder, 'templates/objects.yaml'), objects(text));
  return folder;
}
