/** Values that containerd checks only at its start: its decoder, and so its `config dump`, accepts them. Pure. */
import { getIn, isTable, renderPath, type TomlPath, type TomlValue } from '@kata/toml';
import { criSectionPath } from './loaders.ts';
import type { ConfigProblem, LoadedConfig } from './resolve-config.ts';

interface Expectation {
  readonly kind: string;
  readonly accepts: (text: string) => boolean;
}

/** In the format of Go. */
const duration = /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|\u00B5s|\u03BCs|ms|s|m|h))+)$/;
const levels = ['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace'];

const aDuration: Expectation = { kind: 'a duration such as "30s"', accepts: (text) => duration.test(text) };
const orEmpty = ({ kind, accepts }: Expectation): Expectation => ({
  kind,
  accepts: (text) => text === '' || accepts(text),
});

const atRoot: Readonly<Record<string, Expectation>> = {
  'debug.level': orEmpty({
    kind: `one of ${levels.join(', ')}`,
    accepts: (text) => levels.includes(text.toLowerCase()),
  }),
  'debug.format': orEmpty({ kind: '"text" or "json"', accepts: (text) => ['text', 'json'].includes(text) }),
};

/** With an invalid one, containerd starts but does not serve kubelet. */
const inCri = ['drain_exec_sync_io_timeout', 'stream_idle_timeout', 'image_pull_progress_timeout'];
const criSections: readonly TomlPath[] = [
  ...[1, 2, 3].map(criSectionPath),
  ['plugins', 'io.containerd.cri.v1.images'],
];

/** For each value the last file with it counts. */
export function findStartProblems({ files }: LoadedConfig): readonly ConfigProblem[] {
  const timeouts = files.flatMap(({ value: { timeouts: table } }) =>
    isTable(table) ? Object.keys(table) : [],
  );
  return [
    ...Object.entries(atRoot).flatMap(([key, expected]) => problemAt(files, [key.split('.')], expected)),
    ...[...new Set(timeouts)].flatMap((key) => problemAt(files, [['timeouts', key]], aDuration)),
    ...inCri.flatMap((key) =>
      problemAt(
        files,
        criSections.map((section) => [...section, key]),
        orEmpty(aDuration),
      ),
    ),
  ];
}

function problemAt(
  files: LoadedConfig['files'],
  places: readonly TomlPath[],
  { kind, accepts }: Expectation,
): readonly ConfigProblem[] {
  const found = files.flatMap(({ path: file, value }) =>
    places.flatMap((place) => ({ file, place, value: getIn(value, place) })),
  );
  const last = found.findLast(({ value }) => value !== undefined);
  if (last === undefined || !isRefused(last.value, accepts)) return [];
  const key = renderPath(last.place);
  return [
    {
      code: 'KATA_ENGINE_CONFIG_TYPE',
      file: last.file,
      message: `${key} in ${last.file} is not ${kind}: containerd would not start, or not serve kubelet`,
      hint: `correct ${key} in ${last.file}`,
    },
  ];
}

/** The decoder refuses values of another type. */
function isRefused(value: TomlValue | undefined, accepts: Expectation['accepts']): boolean {
  return typeof value === 'string' && !accepts(value);
}
