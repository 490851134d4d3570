import type { Sha256 } from '../base/digest.ts';
import type { SourceText } from '../base/location.ts';

/** Where an input of the build comes from. */
export type Source =
  | ({ readonly kind: 'debian'; readonly name: string; readonly version: string | undefined } & InTree) // from the locked archive; undefined: the newest
  | ({ readonly kind: 'dsc'; readonly url: string; readonly sha256: Sha256 } & InTree) // url: http, https, or file: for a local one
  | { readonly kind: 'tarball'; readonly url: string; readonly sha256: Sha256; readonly directory: string | undefined } // unpacked into that folder below the source tree, first component stripped
  | GitSource
  | { readonly kind: 'folder'; readonly path: string; readonly directory?: string | undefined }; // path: absolute, the recipe says it relative to its own file; directory: where below the source tree its content is laid, undefined: its top

/** A commit of a git repository, as its tree. */
export type GitSource = {
  readonly kind: 'git';
  readonly url: string;
  readonly commit: string | undefined; // whole id
  readonly ref: string | undefined; // tag, branch or commit; undefined with `commit`, or when only the command line says it
  readonly name: string | undefined; // for `--ref NAME=…`
  readonly directory: string | undefined; // where below the source tree, undefined: its top
  readonly submodules: { readonly urls: Readonly<Record<string, string>> } | undefined; // undefined: none; urls: by path, in place of what .gitmodules says
  readonly lfs: 'pointers' | undefined; // pointers: taken as the files that they are; undefined: refused
};

/** How a Debian source package gets into the source tree. The first without either of these is the tree. */
export type InTree = {
  readonly directory?: string | undefined; // unpacked into that folder below the tree, which must not be there yet
  readonly part?: 'upstream' | undefined; // only its upstream tarballs, first component stripped; nothing of its packaging and patches
};

/** A quilt series, applied with no fuzz. `path` is the folder that holds `series`, absolute. */
export type Patches = { readonly path: string; readonly directory: string | undefined }; // directory: where below the source tree, undefined: its top

/** Which packages are built: all, those that depend on the architecture, or those that do not. As dpkg-buildpackage(1) has it for --build. */
export type BuildPart = 'binary' | 'any' | 'all';

export type Step = {
  readonly name: string;
  readonly run: string; // a script for /bin/sh -e
  readonly timeoutSeconds: number; // resources.timeSeconds when the recipe does not say
  readonly user: 'builder' | 'root';
};

export type Epoch =
  | { readonly kind: 'changelog' } // the newest entry of debian/changelog
  | { readonly kind: 'fixed'; readonly seconds: number } // since 1970-01-01T00:00:00Z
  | { readonly kind: 'newest-source' };

export type Resources = {
  readonly memoryBytes: number;
  readonly cpus: number | undefined; // undefined: all that the engine has
  readonly diskBytes: number;
  readonly timeSeconds: number; // of one whole build
};

/** What a build may do beyond the default; refused unless granted by name on the command line. */
export type Permission =
  | { readonly name: 'memory'; readonly bytes: number }
  | { readonly name: 'capability'; readonly capability: string }
  | { readonly name: 'device'; readonly path: string };

/** Digests of the parts that a digest of the whole is made from, such as `steps` or `patches[0]`: they tell what changed. */
export type Parts = Readonly<Record<string, Sha256>>;

/** A recipe with everything that it extends folded in and every default filled in. */
export type Recipe = {
  readonly name: string;
  readonly file: SourceText; // the recipe.yaml itself, for messages
  readonly path: string; // absolute path of recipe.yaml
  readonly digest: Sha256; // of the recipe's own content: the folded recipe, its container, its patches and its local folders
  readonly parts: Parts; // what `digest` is made from
  readonly container: Container;
  readonly sources: readonly Source[];
  readonly patches: readonly Patches[];
  readonly buildDepends: readonly string[]; // Build-Depends relations beyond those of debian/control
  readonly environment: Readonly<Record<string, string>>;
  readonly build: BuildPart;
  readonly steps: readonly Step[];
  readonly outputs: readonly string[]; // globs, relative to the folder above the source tree
  readonly epoch: Epoch;
  readonly resources: Resources;
  readonly permissions: readonly Permission[];
};

/** A user's own APT repository. */
export type ExtraArchive = {
  readonly name: string;
  readonly url: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly keyring: string; // absolute path of an OpenPGP keyring, armoured or binary
};

/** What a builder image is made from. */
export type Container = {
  readonly name: string;
  readonly file: SourceText;
  readonly path: string; // absolute path of the YAML
  readonly digest: Sha256; // of its own content, keyrings included
  readonly parts: Parts; // what `digest` is made from
  readonly suite: string; // bookworm
  readonly components: readonly string[];
  readonly architecture: string; // Debian's name
  readonly variant: 'essential' | 'buildd' | 'required'; // what the base layer holds: Essential: yes and apt; that and build-essential; Priority: required and apt
  readonly packages: readonly string[]; // relations, resolved by apt
  readonly archives: readonly ExtraArchive[];
};
