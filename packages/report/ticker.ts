/** Calls a function periodically while work is running, and does not keep the process running. */

/** Call the returned function after each event, with whether work is still running. */
export function createTicker(intervalMs: number, tick: () => void): (isRunning: boolean) => void {
  let timer: NodeJS.Timeout | undefined;
  return (isRunning) => {
    if (!isRunning) {
      clearInterval(timer);
      timer = undefined;
    } else if (timer === undefined) {
      timer = setInterval(tick, intervalMs);
      timer.unref();
    }
  };
}
