/** Answers for the engine's program in memory, as containerd does: its version, and whether it loads its files. */
import type { HostPath, ProgramRun } from '@kata/host';
import type { MemoryFiles } from '@kata/host/memory';
import { loadFiles } from './read-engine.ts';

export const enginePath: HostPath = '/usr/bin/containerd';

export interface Program {
  /** The version on disk. */
  readonly version: string;
  /** A text that only its own decoder refuses in a file. */
  readonly refuses: string | undefined;
}

export async function answer(
  files: MemoryFiles,
  { version, refuses }: Program,
  run: ProgramRun,
): Promise<number> {
  const [word, path] = run.arguments;
  if (word === '--version')
    return print(files, run, `containerd github.com/containerd/containerd ${version} 1a2b\n`);
  try {
    const loaded = JSON.stringify(await loadFiles(files, path as HostPath));
    if (refuses === undefined || !loaded.includes(refuses)) return print(files, run, loaded);
    return print(
      files,
      run,
      `time="…" level=warning msg="migrated"\ncontainerd: toml: cannot decode ${refuses}\n`,
      1,
    );
  } catch (error) {
    return print(files, run, `containerd: ${String(error)}\n`, 1);
  }
}

function print(files: MemoryFiles, { output }: ProgramRun, text: string, exitCode = 0): number {
  files.seed(output, text);
  return exitCode;
}
