/** The unit in which systemd runs a program once, for what it answers. */
import { Variant } from 'dbus-native';
import type { ProgramRun } from '../host.ts';

/** From here on the status of a unit says what systemd could not do, such as finding the program. */
export const firstFailureOfSystemd = 200;

/** To read configuration that is not root's own. */
const readsAllFiles = 1n << 2n;
const stopMs = 1000;
/** What is printed stands in memory of the machine, and whoever prints more is not answering. */
const longestOutputBytes = 16n * 1024n * 1024n;

/** Files are there to be read, everywhere; there is no network, and nothing can be gained. */
export function programProperties(run: ProgramRun): readonly (readonly [string, Variant])[] {
  // systemd would put in the values of variables.
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
