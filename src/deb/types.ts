import type { Sha256 } from '../base/digest.ts';

/** One file that a build gave. */
export type Artefact = { readonly name: string; readonly path: string; readonly size: number; readonly sha256: Sha256 };

/**
 * Where two artefacts part. The trail goes from the outside in: artefact, ar member, tar entry, and on into nested archives (zip, cpio, ar, tar, .deb), ELF
 * sections (`.rodata`; `module signature`, `appended data` behind them), PNG chunks (`tEXt`) and tables of fonts (`head`). Compression has no part of its own. Parts that we name stand
 * last: `gzip header`, `xz header`, `zstd header` (settings of the compressor), `strings` (of an ELF section, as text), `versions` (of __versions, as text).
 * The last link says what differs.
 */
export type Difference = {
  readonly trail: readonly string[]; // ['hello_2.10-3_amd64.deb', 'data.tar.xz', './usr/bin/hello']
  readonly what:
    | { readonly kind: 'only-in'; readonly side: 'first' | 'second' }
    | {
        readonly kind: 'attribute';
        readonly attribute:
          | 'mode'
          | 'owner'
          | 'group'
          | 'mtime'
          | 'type'
          | 'link'
          | 'device'
          | 'inode'
          | 'name'
          | 'size'
          | 'pax'
          | 'os'
          | 'level'
          | 'flags'
          | 'method'
          | 'extra'
          | 'comment';
        readonly first: string;
        readonly second: string;
      }
    | { readonly kind: 'order'; readonly first: string; readonly second: string } // same members in another order; the first pair that differs
    | {
        readonly kind: 'content';
        readonly offset: number;
        readonly first: Sha256;
        readonly second: Sha256;
        readonly firstBytes: string;
        readonly secondBytes: string;
        readonly window?: { readonly start: number; readonly first: string; readonly second: string };
      } // offset of the first byte that differs; up to 16 bytes from there, hex. window: up to 1024 bytes of each side around it, base64, from `start` on
    | { readonly kind: 'text'; readonly hunks: readonly Hunk[]; readonly more: number } // the content is text: a unified diff, cut at a limit; more: hunks beyond
    | { readonly kind: 'field'; readonly field: string; readonly first: string | undefined; readonly second: string | undefined } // a named value: of a .buildinfo, .modinfo, an ELF note, a .pyc header, PNG text, a PDF's dates and ID, a compressor's settings
    | { readonly kind: 'encoding'; readonly offset: number } // the uncompressed content is equal, the compressed bytes are not
    | { readonly kind: 'unreadable'; readonly side: 'first' | 'second' | 'both'; readonly why: string; readonly offset: number }; // bytes differ and we could not look inside
};

/** A stretch of a unified diff. Lines begin with ' ', '-' (first) or '+' (second) and have no newline at the end. */
export type Hunk = { readonly first: number; readonly second: number; readonly lines: readonly string[] }; // 1-based line numbers of its first line

export type ArtefactVerdict = {
  readonly name: string;
  readonly verdict: 'equal' | 'different' | 'only-in-first' | 'only-in-second' | 'not-counted'; // not-counted: .changes, .buildinfo whose counted fields are equal, and with a profile what that does not compare
  readonly first: { readonly sha256: Sha256; readonly size: number } | undefined;
  readonly second: { readonly sha256: Sha256; readonly size: number } | undefined;
  readonly differences: readonly Difference[]; // empty when equal; cut at a limit, see `more`
  readonly more: number; // differences beyond the list
};

export type Comparison = {
  readonly verdict: 'reproducible' | 'different';
  readonly artefacts: readonly ArtefactVerdict[]; // by name in byte order
};
