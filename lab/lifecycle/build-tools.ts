/** Builds everything that a lab needs and that the cache lacks. */
import type { Progress } from '@kata/report';
import { type EngineName, engines } from '../engines/catalog.ts';
import { buildRootFileSystem } from '../machines/root-file-system.ts';
import { buildParallelism, checkGo } from '../prerequisites/check-machine.ts';
import { buildTool } from '../tools/build-tool.ts';
import { type ToolName, tools } from '../tools/catalog.ts';

export interface Built {
  readonly baseDirectory: string;
  readonly toolDirectories: ReadonlyMap<ToolName, string>;
}

/** The tools of a cluster whose nodes run these engines. */
export function neededTools(names: readonly EngineName[]): readonly ToolName[] {
  const found = new Set<ToolName>(['kube', 'cni']);
  for (const name of names) {
    const { tool } = engines[name];
    if (tool !== undefined) found.add(tool);
  }
  return [...found];
}

export async function buildAll(
  names: readonly ToolName[],
  cache: string,
  progress: Progress,
): Promise<Built> {
  await checkGo();
  const rootTitle = 'Debian root file system';
  progress.plan([...names.map((name) => tools[name].title), rootTitle]);
  const toolDirectories = new Map<ToolName, string>();
  const waiting = [...names];
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const current = name;
      const built = await progress.task(
        tools[current].title,
        async (say) => await buildTool(current, { cache, say }),
      );
      toolDirectories.set(current, built.directory);
    }
  };
  const [baseDirectory] = await Promise.all([
    progress.task(rootTitle, async (say) => await buildRootFileSystem(cache, say)),
    ...Array.from({ length: buildParallelism() }, worker),
  ]);
  return { baseDirectory, toolDirectories };
}
