/** Loads configuration files with a real containerd, without starting it: they are written below a temporary folder. */
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostPath } from '@kata/host';
import { readConfig } from '@kata/lab/config.ts';
import { buildTool } from '@kata/lab/tools/build-tool.ts';
import type { ToolName } from '@kata/lab/tools/catalog.ts';
import { execa } from 'execa';
import { parse } from 'smol-toml';

export type Files = Readonly<Record<HostPath, string>>;

export interface Loaded {
  /** By name. */
  readonly handlers: Readonly<Record<string, unknown>>;
  /** Everything else except `imports`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const mainPath: HostPath = '/etc/containerd/config.toml';
/** Folders that texts may name by their absolute paths. */
const folders = ['/etc/containerd', '/opt/kata'];

export class ContainerdLoader {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  static async find(tool: ToolName): Promise<ContainerdLoader> {
    return new ContainerdLoader(await toolProgram(tool));
  }

  /** @throws Error with containerd's output when it would not start */
  async load(files: Files, main = mainPath): Promise<Loaded> {
    await using root = await mkdtempDisposable(join(tmpdir(), 'kata-loader-'));
    const moved = (text: string): string =>
      folders.reduce((each, folder) => each.replaceAll(`${folder}/`, `${root.path}${folder}/`), text);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root.path, path)), { recursive: true });
      await writeFile(join(root.path, path), moved(text));
    }
    // Without this option it would read the file of this machine.
    const argv = ['--config', join(root.path, main), 'config', 'dump'];
    const { exitCode, stdout, stderr } = await execa(this.#program, argv, { reject: false });
    if (exitCode !== 0) throw new Error(stderr);
    return split(parse(stdout.replaceAll(root.path, '')));
  }
}

/** Path of a lab's containerd on this machine. */
export async function toolProgram(tool: ToolName): Promise<string> {
  const { cacheDirectory: cache } = readConfig(process.env);
  const { directory } = await buildTool(tool, { cache, say: () => undefined });
  return join(directory, 'containerd');
}

const runtimePlugins = ['io.containerd.cri.v1.runtime', 'io.containerd.grpc.v1.cri'];

function split(dump: Record<string, unknown>): Loaded {
  const { imports: _imports, ...settings } = dump;
  for (const name of runtimePlugins) {
    const containerd = tableIn(tableIn(tableIn(settings, 'plugins'), name), 'containerd');
    const handlers = containerd['runtimes'];
    if (handlers === undefined) continue;
    delete containerd['runtimes'];
    return { handlers: handlers as Loaded['handlers'], settings };
  }
  return { handlers: {}, settings };
}

function tableIn(table: Record<string, unknown>, name: string): Record<string, unknown> {
  return (table[name] ?? {}) as Record<string, unknown>;
}
