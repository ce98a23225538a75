/** Main files of containerd as administrators write them; each is derived from the node's own file. */

export interface MainFile {
  readonly title: string;
  /** The oldest containerd that reads such a file. */
  readonly since: '1.6' | '2.0';
  /** Whether pods can run with it: only the node's own file names the lab's registry and sandbox image. */
  readonly runsPods: boolean;
  /** Undefined: there is no file. `own`: the text of the node's own file. */
  text(own: string): string | undefined;
  /** The target when the main file is a link. */
  readonly linkTo?: string;
}

/** Schema 2 with everything that a careless editor would break; containerd 1.6 to 2.4 load it. */
export const carefulSchema2 = `# Managed by the platform team, ticket 4711
version = 2
  # odd indentation, on purpose

[plugins."io.containerd.grpc.v1.cri"]
\tsandbox_image = "registry.lab:5000/pause:1"\t\t# our mirror
    restrict_oom_score_adj=true

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d" # private registry

  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

    # the GPU team's own
    [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes."mine"]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes."mine".options]
        SystemdCgroup = true
`;

const commented = (own: string): string =>
  `# Ours; ask before you edit.\n${own}\n\n[metrics]\n  address = "127.0.0.1:1338"   # scraped\n`;

export const mainFiles: readonly MainFile[] = [
  { title: 'the own file, with comments', since: '1.6', runsPods: true, text: commented },
  { title: 'schema 2', since: '1.6', runsPods: true, text: () => carefulSchema2 },
  {
    title: 'schema 2, CRLF, no final newline',
    since: '1.6',
    runsPods: false,
    text: () => carefulSchema2.trimEnd().replaceAll('\n', '\r\n'),
  },
  {
    title: 'a link to another file',
    since: '1.6',
    runsPods: false,
    text: commented,
    linkTo: '/etc/containerd/managed/main.toml',
  },
  { title: 'no file', since: '1.6', runsPods: false, text: () => undefined },
  {
    title: 'schema 3 that imports other files',
    since: '2.0',
    runsPods: false,
    text: (own) =>
      `version = 3\nimports = ["/etc/containerd/own.d/*.toml"] # ours\n${own
        .split('\n')
        .filter((line) => !/^(version|imports) /.test(line))
        .join('\n')}`,
  },
];
