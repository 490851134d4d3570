import type { Sha256 } from '../base/digest.ts';
import type { LockedSuite } from '../lock/types.ts';

/** Where the Debian archive is looked for: base URLs without a slash at the end, in the order in which they are tried. */
export type Mirrors = {
  readonly from: 'environment' | 'host' | 'none'; // none: the snapshot archive is the only place
  readonly debian: readonly string[];
  readonly security: readonly string[];
  readonly snapshot?: string; // base URL of a snapshot archive; that of Debian when left out
};

/** A stanza of a Packages file, as far as we need it. Relations are the fields' text, '' when there is none (see control/relation.ts). */
export type BinaryPackage = {
  readonly archive: string; // as in LockedSuite
  readonly suite: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly filename: string; // below the archive's root
  readonly size: number; // bytes
  readonly sha256: Sha256;
  readonly priority: string;
  readonly essential: boolean;
  readonly multiArch: string; // same, foreign, allowed or ''
  readonly source: string; // 'name' or 'name (version)'; '' when it is called like the package
  readonly preDepends: string;
  readonly depends: string;
  readonly provides: string;
  readonly conflicts: string;
  readonly breaks: string;
};

/** A stanza of a Sources file, as far as we need it. */
export type SourcePackage = {
  readonly archive: string;
  readonly suite: string;
  readonly name: string;
  readonly version: string;
  readonly directory: string; // below the archive's root
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: Sha256 }[]; // the .dsc first
  readonly architectures: readonly string[]; // of its packages: names, wildcards, all
  readonly extraSourceOnly: boolean; // kept for the licence's sake only: not what the suite builds
  readonly buildDepends: string;
  readonly buildDependsArch: string;
  readonly buildDependsIndep: string;
  readonly buildConflicts: string;
  readonly buildConflictsArch: string;
  readonly buildConflictsIndep: string;
};

/** Packages by name; stanzas are parsed when they are asked for. Those of one name stand in the order of the suites. */
export interface PackageMap extends ReadonlyMap<string, readonly BinaryPackage[]> {
  /** All with `Essential: yes`. */
  essential(): readonly BinaryPackage[];
  /** All of a priority: required, important … */
  ofPriority(priority: string): readonly BinaryPackage[];
  /** All whose Provides names it (with or without a version), not those of that name. */
  providing(name: string): readonly BinaryPackage[];
  /** All that were built from the source package of that name, in whatever version. */
  ofSource(name: string): readonly BinaryPackage[];
}

/** A file for /var/lib/apt/lists/, whose bytes are in the store. */
export type ListFile = { readonly aptName: string; readonly digest: Sha256; readonly size: number };

/** What a signed archive has to offer to one container, each byte of it vouched for by a keyring. */
export type ArchiveIndex = {
  readonly suites: readonly LockedSuite[];
  readonly newestSeconds: number; // newest Date of all Release files
  readonly notAutomatic: readonly Pick<LockedSuite, 'archive' | 'suite'>[]; // suites such as backports: apt takes from them only what is nowhere else
  readonly lists: readonly ListFile[];
  readonly sourcesList: string; // /etc/apt/sources.list that fits `lists`; its host name leads nowhere, see lists.ts
  readonly packagesByName: PackageMap;
  readonly sourcesByName: ReadonlyMap<string, readonly SourcePackage[]>;
};
