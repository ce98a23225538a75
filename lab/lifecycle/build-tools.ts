/** Builds what a lab needs and the cache does not have. */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '@kata/report';
import { type EngineName, engineOf } from '../engines/catalog.ts';
import { baseLink, type LabPlace, toolLink } from '../lab.ts';
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
    const { tool } = engineOf(name);
    if (tool !== undefined) found.add(tool);
  }
  return [...found];
}

/** Builds what is missing and links it into the lab. */
export async function equipLab(
  place: LabPlace,
  names: readonly ToolName[],
  progress: Progress,
): Promise<void> {
  const built = await buildAll(names, place.cache, progress);
  await mkdir(join(place.directory, 'tools'), { recursive: true });
  await linkOnce(built.baseDirectory, baseLink(place));
  for (const [name, directory] of built.toolDirectories) await linkOnce(directory, toolLink(place, name));
}

async function linkOnce(target: string, link: string): Promise<void> {
  await symlink(target, link).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
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
