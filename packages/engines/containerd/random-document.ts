/** Random main files, with all the ways in which people and programs may write them. */
import fc from 'fast-check';

export interface RandomMachine {
  readonly schema: number | undefined;
  readonly main: string;
  /** Text of a file in `conf.d`, which the main file imports. */
  readonly dropIn: string | undefined;
}

const plugins: Readonly<Record<number, readonly [cri: string, images: string]>> = {
  1: ['cri', 'cri'],
  2: ['io.containerd.grpc.v1.cri', 'io.containerd.grpc.v1.cri'],
  3: ['io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images'],
  4: ['io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images'],
};

/** At the top, before any table. */
const rootPieces: readonly string[] = [
  'root = "/var/lib/containerd"',
  "state = '/run/containerd' # fast",
  'oom_score = -999',
  "'debug' . level = 'warn'",
  'debug = { level = "info", "format" = "json" }',
  'debug={level="trace"}',
  'disabled_plugins = [\n  "io.containerd.internal.v1.opt", # ours\n]',
  'required_plugins = []',
  '"grpc".address = "/run/containerd/containerd.sock"',
  'proxy_plugins = { a = { type = "snapshot", address = "/a" } }',
  '"__proto__" = 1',
  'imports = [ # none yet\n]',
  'imports=[]',
];

/** QUOTED stands for the plugin for runtimes, IMAGES for the one for images. */
const tablePieces: readonly string[] = [
  '[debug]\n  level = "info"   # ops',
  '[debug]',
  '[ debug ]\naddress = ""\nuid = 0',
  '[plugins.QUOTED]\nsandbox_image = "p:1" # pinned\n',
  '[plugins.QUOTED.containerd]\n\tdefault_runtime_name = "runc"\n\tsnapshotter = "overlayfs"',
  '[plugins.QUOTED.containerd.runtimes]',
  '[plugins.QUOTED.containerd.runtimes.runc]\nruntime_type = "io.containerd.runc.v2"\n\n  [plugins.QUOTED.containerd.runtimes.runc.options]\n    SystemdCgroup = true',
  "[plugins.QUOTED.containerd.runtimes.'nv-1.0']\nruntime_type = 'n'\noptions = { BinaryName = \"/usr/bin/nv\" }",
  '[plugins.QUOTED]\ncontainerd.runtimes.own = { runtime_type = "o", options . A = 1 }',
  'plugins.QUOTED.containerd.runtimes.dotted.runtime_type = "d"',
  'plugins.QUOTED.containerd.runtimes = { inl = { runtime_type = "i" } } # dense',
  '[plugins.IMAGES.runtime_platforms.foreign]\nsnapshotter = "zfs"',
  '[plugins.IMAGES.registry]\nconfig_path = """/etc/\\\n  certs"""',
  '[proxy_plugins]\n  [proxy_plugins."a b"]\n  type = "snapshot"',
  '[stream_processors."io.x".inner]\naccepts = ["a", \'b\',]',
  '[[plugins."x".list]]\na = 1\n[[plugins."x".list]]\na = 2\n[plugins."x".list.sub]\nb = 1979-05-27T07:32:00Z',
  '[metrics] # nobody reads\n# address = ""\n',
  '# only words, [not] = a table',
];

interface Choice {
  readonly roots: readonly string[];
  readonly tables: readonly string[];
  readonly gaps: readonly number[];
  readonly schema: number;
  readonly hasVersion: boolean;
  /** Whether sections have the names of schema 3, whatever the version. */
  readonly isMixed: boolean;
  readonly quote: '"' | "'";
  readonly isCrLf: boolean;
  readonly hasMark: boolean;
  readonly end: string;
  readonly imports: boolean;
  readonly dropIn: string | undefined;
}

export function randomMachine(newestSchema: number): fc.Arbitrary<RandomMachine> {
  return fc
    .record({
      roots: fc.subarray([...rootPieces], { maxLength: 4 }),
      tables: fc.shuffledSubarray([...tablePieces], { maxLength: 6 }),
      gaps: fc.array(fc.nat(2), { minLength: 12, maxLength: 12 }),
      schema: fc.integer({ min: 1, max: newestSchema }),
      hasVersion: fc.boolean(),
      isMixed: fc.nat(4).map((number) => number === 0),
      quote: fc.constantFrom('"' as const, "'" as const),
      isCrLf: fc.boolean(),
      hasMark: fc.boolean(),
      end: fc.constantFrom('', '\n', '\n', '\n\n', '\n  \n', '\n\n\n# end'),
      imports: fc.boolean(),
      dropIn: fc.option(fc.constantFrom(...tablePieces), { nil: undefined }),
    })
    .map(writeMachine);
}

function writeMachine(choice: Choice): RandomMachine {
  // Without a version a file is in schema 1.
  const schema = choice.hasVersion ? choice.schema : 1;
  const version = choice.hasVersion ? [`version = ${schema}`] : [];
  const imports = choice.imports ? ['imports = ["/etc/containerd/conf.d/*.toml"]'] : [];
  const isRoot = (piece: string): boolean => piece.startsWith('plugins.');
  const roots = [...version, ...imports, ...choice.roots, ...choice.tables.filter(isRoot)];
  const all = [...roots, ...choice.tables.filter((piece) => !isRoot(piece))];
  const text = all.map((piece, i) => piece + '\n'.repeat(1 + (choice.gaps[i % 12] ?? 0))).join('');
  return {
    schema: choice.hasVersion ? schema : undefined,
    main: finish(text.trimEnd() + (text === '' ? '' : choice.end), schema, choice),
    dropIn:
      choice.dropIn === undefined
        ? undefined
        : finish([...version, choice.dropIn].join('\n'), schema, {
            ...choice,
            hasMark: false,
            isMixed: choice.isMixed && choice.hasMark,
          }),
  };
}

function finish(text: string, schema: number, { quote, isCrLf, hasMark, isMixed }: Choice): string {
  const [cri = '', images = ''] = plugins[isMixed && schema === 2 ? 3 : schema] ?? [];
  const named = text
    .replaceAll('QUOTED', `${quote}${cri}${quote}`)
    .replaceAll('IMAGES', `${quote}${images}${quote}`);
  return `${hasMark ? '\uFEFF' : ''}${isCrLf ? named.replaceAll('\n', '\r\n') : named}`;
}
