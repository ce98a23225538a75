/** A cluster with kata-deploy for tests. */
export * from './fake-cluster.ts';
export * from './fleet-objects.ts';
export * from './simulate-cluster.ts';
export { writeProgram } from '../helm/testkit/write-program.ts';
