/** Main files of containerd as administrators have them; each is made from the one that the node came with. */

export interface MainFile {
  readonly title: string;
  /** Of containerd; the oldest that reads such a file. */
  readonly since: '1.6' | '2.0';
  /** Whether pods can run with it: the lab's registry and sandbox image stand in the node's own file. */
  readonly runsPods: boolean;
  /** Undefined: there is no file. `own`: the text that the node came with. */
  text(own: string): string | undefined;
  /** Where the main file is a link to. */
  readonly linkTo?: string;
}

/** Schema 2 with everything that a careless editor would spoil; it works under 1.6 as under 2.4. */
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
  { title: 'its own, with comments', since: '1.6', runsPods: true, text: commented },
  { title: 'schema 2', since: '1.6', runsPods: true, text: () => carefulSchema2 },
  {
    title: 'schema 2, lines of Windows, no final newline',
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
    title: 'schema 3 that imports a file of its own',
    since: '2.0',
    runsPods: false,
    text: (own) =>
      `version = 3\nimports = ["/etc/containerd/own.d/*.toml"] # ours\n${own
        .split('\n')
        .filter((line) => !/^(version|imports) /.test(line))
        .join('\n')}`,
  },
];
