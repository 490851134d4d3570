import { byBytes } from '../base/order.ts';
import { readModinfo } from './modinfo.ts';

/** A module of a package, by its path below lib/modules/KVNAME. */
export type ModuleFile = { readonly path: string; readonly bytes: Uint8Array };

/** Which firmware modules may ask for: `FIRMWARE MODULE` a line, each once, in byte order. A module that is no ELF object asks for none. */
export function firmwareList(modules: Iterable<ModuleFile>): readonly string[] {
  const lines = new Set<string>();
  for (const { path, bytes } of modules) {
    for (const [key, value] of readModinfo(bytes) ?? []) if (key === 'firmware') lines.add(`${value} ${path}`);
  }
  return [...lines].sort(byBytes);
}

/** Reads a list that was checked in; `#` starts a comment. */
export function parseFirmware(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return [...new Set(lines)].sort(byBytes);
}

export type FirmwareDifference = { readonly came: readonly string[]; readonly gone: readonly string[] };

/** What two lists have that the other has not. */
export function compareFirmware(before: readonly string[], after: readonly string[]): FirmwareDifference {
  const [old, now] = [new Set(before), new Set(after)];
  return { came: after.filter((line) => !old.has(line)), gone: before.filter((line) => !now.has(line)) };
}
