import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { type Alternatives, relationsOf } from '../control/relation.ts';
import { parseStanzas, type Stanza } from '../control/stanza.ts';
import type { LockedPackage } from '../lock/types.ts';
import type { Unpacked } from './unpacked.ts';

/** A locked package together with what is in it. */
export type Package = {
  readonly locked: LockedPackage;
  readonly name: string;
  readonly fullName: string; // `name:architecture` for Multi-Arch: same, as dpkg's database has it; else the name
  readonly version: string;
  readonly control: Stanza;
  readonly unpacked: Unpacked;
  readonly preDepends: readonly Alternatives[];
  readonly depends: readonly Alternatives[];
  readonly provides: readonly string[];
  readonly replaces: readonly Alternatives[];
};

/** Reads the control file of a package and makes sure that it is the one that was locked. Failures: package-mismatch, deb-malformed (unverified-input). */
export function readPackage(locked: LockedPackage, unpacked: Unpacked): Result<Package> {
  const source = { name: `${locked.name}_${locked.version}_${locked.architecture}.deb/control`, text: unpacked.control };
  const stanzas = parseStanzas(source, { comments: false });
  if (!stanzas.ok) return fail({ ...stanzas.error, kind: 'unverified-input', reason: 'deb-malformed' });
  const [control, more] = stanzas.value;
  if (control === undefined || more !== undefined) return fail(malformed(locked, 'its control file is not one paragraph'));
  const said = ['Package', 'Version', 'Architecture'].map((field) => control.get(field) ?? '');
  if (said.join(' ') !== `${locked.name} ${locked.version} ${locked.architecture}`) {
    return fail({
      kind: 'unverified-input',
      reason: 'package-mismatch',
      message: `The file locked as ${locked.name} ${locked.version} ${locked.architecture} says that it is ${escapeControl(said.join(' '))}.`,
      next: 'Make the lock anew with `twinbuild lock`.',
    });
  }
  // The name becomes a part of paths below /var/lib/dpkg/info (Policy 5.6.1).
  if (!/^[a-z0-9][a-z0-9+.-]+$/.test(locked.name) || !/^[a-z0-9][a-z0-9-]*$/.test(locked.architecture))
    return fail(malformed(locked, 'its name is none'));
  const [preDepends, depends, provides, replaces] = ['Pre-Depends', 'Depends', 'Provides', 'Replaces'].map((field) =>
    relationsOf(control, field),
  );
  for (const relations of [preDepends, depends, provides, replaces]) {
    if (!relations?.ok) return fail(malformed(locked, relations?.error.message ?? 'its relations cannot be read'));
  }
  const listOf = (relations: Result<readonly Alternatives[]> | undefined): readonly Alternatives[] =>
    relations?.ok ? relations.value : [];
  return ok({
    locked,
    name: locked.name,
    fullName: control.get('Multi-Arch') === 'same' ? `${locked.name}:${locked.architecture}` : locked.name,
    version: locked.version,
    control,
    unpacked,
    preDepends: listOf(preDepends),
    depends: listOf(depends),
    provides: listOf(provides).flatMap((each) => each.map(({ name }) => name)),
    replaces: listOf(replaces),
  });
}

function malformed({ name, version }: LockedPackage, why: string): Failure {
  return { kind: 'unverified-input', reason: 'deb-malformed', message: `The package ${name} ${version} cannot be read: ${why}.` };
}
