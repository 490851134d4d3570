import { sha256 } from '../../src/base/digest.ts';
import { causesOf } from '../../src/cause/causes.ts';
import type { Cause, CauseContext } from '../../src/cause/types.ts';
import type { ArtefactVerdict, Difference } from '../../src/deb/types.ts';
import { recordedOf } from './recorded.ts';

/** Two builds in all the surroundings that are varied unasked, begun at 2026-11-23T11:18:09Z and ten seconds later. */
export const VARIED: CauseContext = { ...recordedOf('corpus-around').context, builtAtSeconds: [1795432689, 1795432699] };

/** A file whose text differs, by lines of a unified diff. */
export function text(...lines: string[]): Difference {
  return {
    trail: ['x_1_all.deb', 'data.tar.xz', './usr/share/x/file'],
    what: { kind: 'text', hunks: [{ first: 1, second: 1, lines }], more: 0 },
  };
}

/** A link that differs. */
export function changed(first: string, second: string): Difference {
  return { trail: ['x_1_all.deb', 'data.tar.xz', './usr/share/x/link'], what: { kind: 'attribute', attribute: 'link', first, second } };
}

/** Contents that differ, with all their bytes as the window. */
export function content(trail: readonly string[], first: Uint8Array, second: Uint8Array): Difference {
  const [one, two] = [Buffer.from(first), Buffer.from(second)];
  let offset = 0;
  while (offset < one.length && one[offset] === two[offset]) offset += 1;
  return {
    trail,
    what: {
      kind: 'content',
      offset,
      first: sha256(one),
      second: sha256(two),
      firstBytes: one.toString('hex', offset, offset + 16),
      secondBytes: two.toString('hex', offset, offset + 16),
      window: { start: 0, first: one.toString('base64'), second: two.toString('base64') },
    },
  };
}

/** The verdict on a .deb that differs in these ways. */
export function verdictOn(differences: readonly Difference[]): ArtefactVerdict {
  return { name: 'x_1_all.deb', verdict: 'different', first: undefined, second: undefined, differences, more: 0 };
}

/** What is said of a single difference. */
export function explained(difference: Difference): readonly Cause[] {
  return causesOf(verdictOn([difference]), VARIED);
}

/** A trail into the files of a package. */
export function deb(...trail: string[]): string[] {
  return ['x_1_all.deb', 'data.tar.xz', ...trail];
}

/** A member with another attribute. */
export function attribute(
  trail: readonly string[],
  name: 'mtime' | 'mode' | 'owner' | 'group' | 'size',
  first: string,
  second: string,
): Difference {
  return { trail, what: { kind: 'attribute', attribute: name, first, second } };
}

/** Another value of a field. */
export function field(trail: readonly string[], name: string, first: string, second: string): Difference {
  return { trail, what: { kind: 'field', field: name, first, second } };
}
