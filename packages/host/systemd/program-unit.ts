/** The unit in which systemd runs a program once for its output. */
import { Variant } from 'dbus-native';
import type { ProgramRun } from '../host.ts';

/** Exit statuses from here on are failures of systemd itself, such as a missing program. */
export const firstFailureOfSystemd = 200;

/** CAP_DAC_READ_SEARCH, to read configuration that is not owned by root. */
const readsAllFiles = 1n << 2n;
const stopMs = 1000;
/** The output is kept in memory; a valid answer is never longer. */
const longestOutputBytes = 16n * 1024n * 1024n;

/** All files are readable and none is writable; no network, no new privileges. */
export function programProperties(run: ProgramRun): readonly (readonly [string, Variant])[] {
  // systemd would expand variables.
  const words = [run.program, ...run.arguments].map((word) => word.split('$').join('$$'));
  return [
    ['Description', new Variant('s', run.description)],
    ['Type', new Variant('s', 'oneshot')],
    ['ExecStart', new Variant('a(sasb)', [[run.program, words, false]])],
    ['StandardOutputFile', new Variant('s', run.output)],
    ['StandardError', new Variant('s', 'inherit')],
    ['TimeoutStartUSec', new Variant('t', microseconds(run.timeoutMs))],
    ['TimeoutStopUSec', new Variant('t', microseconds(stopMs))],
    ['LimitFSIZE', new Variant('t', longestOutputBytes)],
    ['ProtectSystem', new Variant('s', 'strict')],
    ['PrivateNetwork', new Variant('b', true)],
    ['NoNewPrivileges', new Variant('b', true)],
    ['CapabilityBoundingSet', new Variant('t', readsAllFiles)],
  ];
}

function microseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1000));
}
