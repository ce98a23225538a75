/** Does something again and again while work goes on, and keeps no process alive. */

/** The function that it returns is told after each event whether something still goes on. */
export function createTicker(everyMs: number, tick: () => void): (isRunning: boolean) => void {
  let timer: NodeJS.Timeout | undefined;
  return (isRunning) => {
    if (!isRunning) {
      clearInterval(timer);
      timer = undefined;
    } else if (timer === undefined) {
      timer = setInterval(tick, everyMs);
      timer.unref();
    }
  };
}
