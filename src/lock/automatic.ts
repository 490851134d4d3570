import type { ArchiveIndex } from '../archive/types.ts';

/** Versions that are taken without being asked for by number: not those of suites such as backports, unless there are no others (apt_preferences(5)). */
export function automatic<T extends { readonly archive: string; readonly suite: string }>(
  all: readonly T[],
  notAutomatic: ArchiveIndex['notAutomatic'],
): readonly T[] {
  const usual = all.filter(({ archive, suite }) => !notAutomatic.some((one) => one.archive === archive && one.suite === suite));
  return usual.length > 0 ? usual : all;
}
