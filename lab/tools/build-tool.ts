/** Builds a tool once per content of its sources, into the cache. */
import { join } from 'node:path';
import { run } from '../run.ts';
import { buildInCopy } from './build-in-copy.ts';
import { buildOnce } from './build-once.ts';
import { type Tool, type ToolName, tools } from './catalog.ts';
import { contentKey, readSources } from './content-key.ts';
import { withCPrograms } from './with-c-programs.ts';

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
async function toolDirectory(name: ToolName, cache: string): Promise<string> {
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

export async function buildTool(name: ToolName, options: BuildToolOptions): Promise<BuiltTool> {
  const { cache, say } = options;
  const tool: Tool = tools[name];
  const directory = await toolDirectory(name, cache);
  let fetched = 0;
  const wasBuilt = await buildOnce({
    cache,
    directory,
    command(unfinished) {
      say('compiling');
      const build = ['go', ...buildArguments(tool, unfinished)];
      if (tool.cgo !== undefined) return withCPrograms(tool.cgo.programs, unfinished, build);
      return tool.copy === undefined ? build : buildInCopy(tool.copy, unfinished, build);
    },
    links: Object.fromEntries((tool.links ?? []).map((name) => [name, tool.output ?? ''])),
    cwd: join(labDirectory, tool.module),
    env: {
      CGO_ENABLED: tool.cgo === undefined ? '0' : '1',
      GOMODCACHE: join(cache, 'go', 'mod'),
      GOCACHE: join(cache, 'go', 'build'),
      GOFLAGS: '-modcacherw -buildvcs=false',
    },
    onLine(line) {
      if (!line.startsWith('go: downloading')) return;
      fetched += 1;
      say(`compiling; fetched ${fetched} modules`);
    },
  });
  say(wasBuilt ? 'built' : 'cached');
  return { name, directory };
}

function buildArguments(tool: Tool, output: string): readonly string[] {
  const variables = Object.entries(tool.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const target = tool.output === undefined ? `${output}/` : join(output, tool.output);
  return [
    'build',
    '-mod=readonly',
    '-trimpath',
    ...(tool.cgo === undefined ? [] : ['-tags', tool.cgo.tags.join(',')]),
    '-ldflags',
    ['-s', '-w', ...variables].join(' '),
    '-o',
    target,
    ...tool.commands,
  ];
}
