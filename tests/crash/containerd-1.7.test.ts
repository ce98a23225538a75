/** Kills the installer on a node with containerd 1.7, where it edits the main file. */
import { describeKills } from './describe-kills.ts';

// Upstream's installer writes the same handlers there: adoption restarts nothing.
describeKills('containerd-1.7', ['install', 'uninstall']);
