export * from './cri/cri-client.ts';
export * from './files/changed-error.ts';
export * from './files/file-error.ts';
export { describeMount, findHostMount, type Mount } from './files/mount-table.ts';
export * from './helper/build-helper.ts';
export * from './host.ts';
export * from './linux/linux-files.ts';
export * from './linux/linux-host.ts';
export * from './systemd/systemd-units.ts';
