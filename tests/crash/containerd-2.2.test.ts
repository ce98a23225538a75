/** Kills the installer on a node with containerd 2.2, where it writes a drop-in. */
import { describeKills } from './describe-kills.ts';

describeKills('containerd-2.2', ['install', 'uninstall', 'adoption']);
