/** The installer killed on a node with containerd 1.7, whose main file is edited. */
import { describeKills } from './describe-kills.ts';

// What upstream's installer wrote there is what ours would write: adoption restarts nothing.
describeKills('containerd-1.7', ['install', 'uninstall']);
