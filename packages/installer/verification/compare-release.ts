/** Reports the progress of comparing a release's files. */
import { type Emit, Progress, type ProgressEvent } from '@kata/report';

type OnProgress = (progress: { readonly done: number; readonly of: number }) => void;

export async function compareRelease<T>(
  emit: Emit<ProgressEvent>,
  release: string,
  compare: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  return await new Progress(emit).task(
    `compare release ${release}`,
    async (report) =>
      await compare(({ done, of }) => {
        report(`${done} of ${of} files`);
      }),
  );
}
