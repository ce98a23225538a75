/** Builds a tool once per content of its sources, into the cache. */
import { mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.ts';
import { type Tool, type ToolName, tools } from './catalog.ts';
import { contentKey, readSources } from './content-key.ts';

const labDirectory = join(import.meta.dirname, '..');

export interface BuiltTool {
  readonly name: ToolName;
  /** Holds the programs. */
  readonly directory: string;
}

export interface BuildToolOptions {
  readonly cache: string;
  readonly say: (detail: string) => void;
}

/** Where the tool is, or will be, in the cache. */
export async function toolDirectory(name: ToolName, cache: string): Promise<string> {
  const tool: Tool = tools[name];
  const goVersion = await run(['go', 'env', 'GOVERSION', 'GOARCH'], {
    cwd: join(labDirectory, tool.module),
  });
  const sources = await readSources(
    join(labDirectory, tool.module),
    (path) => /(\.go|go\.mod|go\.sum)$/.test(path) && !path.endsWith('_test.go'),
  );
  const key = contentKey([goVersion, JSON.stringify(tool), ...sources]);
  return join(cache, 'tools', `${name}-${key}`);
}

export async function isBuilt(directory: string): Promise<boolean> {
  try {
    return (await stat(directory)).isDirectory();
  } catch {
    return false;
  }
}

/** Builds into a folder beside and renames it, so that a killed build leaves nothing that looks finished. */
export async function buildTool(name: ToolName, options: BuildToolOptions): Promise<BuiltTool> {
  const directory = await toolDirectory(name, options.cache);
  if (await isBuilt(directory)) {
    options.say('cached');
    return { name, directory };
  }
  const tool: Tool = tools[name];
  const unfinished = `${directory}.${process.pid}.unfinished`;
  await mkdir(join(options.cache, 'tools'), { recursive: true });
  let fetched = 0;
  options.say('compiling');
  // The lock is held by the compiler's whole process tree: a build left behind by a killed lab is waited for.
  await run(['flock', `${directory}.lock`, 'go', ...buildArguments(tool, unfinished)], {
    cwd: join(labDirectory, tool.module),
    env: {
      CGO_ENABLED: '0',
      GOMODCACHE: join(options.cache, 'go', 'mod'),
      GOCACHE: join(options.cache, 'go', 'build'),
      GOFLAGS: '-modcacherw -buildvcs=false',
    },
    onLine(line) {
      if (!line.startsWith('go: downloading')) return;
      fetched += 1;
      options.say(`fetched ${fetched} modules`);
    },
  });
  for (const link of tool.links ?? []) await symlink(tool.output ?? '', join(unfinished, link));
  await rename(unfinished, directory).catch(async (error: unknown) => {
    if (!(await isBuilt(directory))) throw error;
    await rm(unfinished, { recursive: true, force: true });
  });
  options.say('built');
  return { name, directory };
}

function buildArguments(tool: Tool, output: string): readonly string[] {
  const variables = Object.entries(tool.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const target = tool.output === undefined ? `${output}/` : join(output, tool.output);
  return [
    'build',
    '-mod=readonly',
    '-trimpath',
    '-ldflags',
    ['-s', '-w', ...variables].join(' '),
    '-o',
    target,
    ...tool.commands,
  ];
}
