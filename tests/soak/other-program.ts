/** Edits of containerd's files by another program: shell text for the real folder and for one that only this program edits. */
import type { EditName } from './model.ts';

/** The folder that only the other program edits: the expected settings without Kata. */
export const foreignFolder = '/var/lib/kata-soak/containerd';
const folders = ['/etc/containerd', foreignFolder];

/** Prints what containerd would load without Kata. */
export const foreignDump = `unshare --mount sh -c 'mount --bind ${foreignFolder} /etc/containerd && containerd config dump'`;

/** Runtimes that an edit adds. */
export function runtimesOf(edit: EditName): readonly string[] {
  switch (edit) {
    case 'runtime team-a':
      return ['team-a'];
    case 'runtime team-b':
      return ['team-b'];
    case 'drop-in':
      return ['team-c'];
    case 'comment':
    case 'timeout':
      return [];
  }
}

export function editScript(edit: EditName, isThere: boolean, schema: 2 | 3): string {
  return folders.map((folder) => inFolder(folder, edit, isThere, schema)).join('\n');
}

function inFolder(folder: string, edit: EditName, isThere: boolean, schema: 2 | 3): string {
  const main = `${folder}/config.toml`;
  const text = textOf(edit, schema);
  if (edit === 'drop-in') {
    const dropIn = `${folder}/conf.d/50-team.toml`;
    return isThere
      ? `mkdir -p ${folder}/conf.d && printf '%s' "${quoted(text)}" > ${dropIn}`
      : `rm ${dropIn} && { rmdir --ignore-fail-on-non-empty ${folder}/conf.d; true; }`;
  }
  if (edit === 'comment') {
    // At the beginning, as programs that manage a file do.
    return isThere ? `sed -i '1i ${text}' ${main}` : `sed -i '/^${text}$/d' ${main}`;
  }
  const [begin, end] = marks(edit);
  return isThere
    ? `printf '%s' "${quoted(`${begin}\n${text}${end}\n`)}" >> ${main}`
    : `sed -i '/^${begin}$/,/^${end}$/d' ${main}`;
}

const marks = (edit: EditName): readonly [string, string] => [`# begin ${edit}`, `# end ${edit}`];

const quoted = (text: string): string => text.replaceAll('"', '\\"');

function textOf(edit: EditName, schema: 2 | 3): string {
  switch (edit) {
    case 'comment':
      return '# managed by the platform team';
    case 'runtime team-a':
      return runtime('team-a', schema);
    case 'runtime team-b':
      return runtime('team-b', schema);
    case 'timeout':
      return `[timeouts]\n  "io.containerd.timeout.task.state" = "7s"\n`;
    case 'drop-in':
      return `version = ${schema}\n${runtime('team-c', schema)}`;
  }
}

function runtime(name: string, schema: 2 | 3): string {
  const plugin = schema === 3 ? 'io.containerd.cri.v1.runtime' : 'io.containerd.grpc.v1.cri';
  const table = `plugins."${plugin}".containerd.runtimes.${name}`;
  return `[${table}]
  runtime_type = "io.containerd.runc.v2" # of ${name}
  [${table}.options]
    SystemdCgroup = false
`;
}
