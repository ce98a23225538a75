/** The installer killed on a node with containerd 2.2, which takes drop-ins. */
import { describeKills } from './describe-kills.ts';

describeKills('containerd-2.2', ['install', 'uninstall', 'adoption']);
