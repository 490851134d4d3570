import type { ContainerSpec } from './engine.ts';

/**
 * What every container has that looks into inputs, and is not a build: no network (as none has), no capabilities, no volumes, no devices, little memory and few
 * processes. It is thrown away, so its root can be written to.
 */
export const CLOSED = {
  hostname: 'twinbuild',
  domainname: '',
  hosts: [],
  volumes: [],
  tmpfs: {},
  readOnlyRoot: false,
  capabilities: [],
  memoryBytes: 2 * 1024 ** 3,
  shmBytes: 64 * 1024 ** 2,
  pids: 256,
  cpuset: '',
  init: true,
} as const satisfies Partial<ContainerSpec>;
