/** What the kernel tells in files: below /sys, /proc, /dev and /etc of a system. What is not there reads as nothing. */
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { System } from './system.js';

type Root = Pick<System, 'root'>;

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** Names in a folder, sorted as people count: ttyACM2 before ttyACM10. */
export function namesIn({ root }: Root, folder: string): string[] {
  const names = orElse(() => readdirSync(join(root, folder)), []);
  return names.sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

export function textOf({ root }: Root, path: string): string {
  return orElse(() => readFileSync(join(root, path), 'utf8').trim(), '');
}

/** Group (number) that a file belongs to. */
export function groupOf({ root }: Root, path: string): number | undefined {
  return orElse(() => statSync(join(root, path)).gid, undefined);
}

/** Whether the group of a file may read and write it. */
export function isForGroup({ root }: Root, path: string): boolean {
  return orElse(() => (statSync(join(root, path)).mode & 0o060) === 0o060, false);
}

/** The device behind a path such as /dev/serial/by-id/..., as the kernel names it. */
export function deviceAt({ root }: Root, path: string): string {
  const top = orElse(() => realpathSync(root), root);
  return orElse(() => join('/', relative(top, realpathSync(join(root, path)))), path);
}

function processes(system: Root): string[] {
  return namesIn(system, '/proc').filter((name) => /^\d+$/.test(name));
}

export function isRunning(system: Root, name: string): boolean {
  return processes(system).some((id) => textOf(system, `/proc/${id}/comm`) === name);
}

export interface Holder {
  name: string;
  id: number;
}

/** The process that has a device open, as far as this one may look: everybody's for root, otherwise one's own. */
export function holderOf(system: Root, path: string): Holder | undefined {
  const device = deviceAt(system, path);
  const target = (id: string, descriptor: string): string =>
    orElse(() => readlinkSync(join(system.root, 'proc', id, 'fd', descriptor)), '');
  const id = processes(system).find((candidate) =>
    namesIn(system, `/proc/${candidate}/fd`).some((descriptor) => target(candidate, descriptor) === device),
  );
  return id === undefined ? undefined : { name: textOf(system, `/proc/${id}/comm`), id: Number(id) };
}

/** Name and members of a group. */
export function groupNamed(system: Root, number: number): { name: string; members: string[] } | undefined {
  const line = textOf(system, '/etc/group')
    .split('\n')
    .find((candidate) => candidate.split(':')[2] === String(number));
  if (line === undefined) return undefined;
  const [name = '', , , members = ''] = line.split(':');
  return { name, members: members.split(',') };
}
