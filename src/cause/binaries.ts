import type { Difference } from '../deb/types.ts';
import { isNow } from './clocks.ts';
import type { Clue, Window } from './clue.ts';
import { against, type Detector, type Finding, isVaried } from './detector.ts';
import { permuted } from './order.ts';
import type { CauseContext } from './types.ts';

const DOCS = 'https://reproducible-builds.org/docs';

type Reading = { readonly words: string; readonly bytes: number; readonly read: (window: Buffer, at: number) => number };

/** How programs keep a time: seconds in four bytes (and the lower half of eight), in a double, or milliseconds in eight. */
const READINGS: readonly Reading[] = [
  { words: 'four bytes', bytes: 4, read: (window, at) => window.readUInt32LE(at) },
  { words: 'four bytes', bytes: 4, read: (window, at) => window.readUInt32BE(at) },
  { words: 'eight bytes', bytes: 8, read: (window, at) => window.readDoubleLE(at) },
  { words: 'eight bytes', bytes: 8, read: (window, at) => window.readDoubleBE(at) },
  { words: 'eight bytes', bytes: 8, read: (window, at) => Number(window.readBigUInt64LE(at)) / 1000 },
  { words: 'eight bytes', bytes: 8, read: (window, at) => Number(window.readBigUInt64BE(at)) / 1000 },
];

type Timed = { readonly words: string; readonly first: number; readonly second: number };

/** Bytes around the first difference that are the time of the build on both sides. */
function timeAt(window: Window, context: CauseContext): Timed | undefined {
  const at = window.offset - window.start;
  for (const { words, bytes, read } of READINGS) {
    const last = Math.min(at, window.first.length - bytes, window.second.length - bytes);
    for (let from = Math.max(0, at - bytes + 1); from <= last; from += 1) {
      const [first, second] = [read(window.first, from), read(window.second, from)];
      if (isNow(first, 'first', context) && isNow(second, 'second', context)) return { words, first, second };
    }
  }
  return undefined;
}

function moment(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

function isContent({ difference: { what } }: Clue): boolean {
  return what.kind === 'content';
}

const PYTHON_SOURCE = ['source mtime', 'source size', 'source hash', 'pyc flags'];

function python(clue: Clue, context: CauseContext): Finding | undefined {
  if (!clue.difference.trail.some((part) => /\.py[co]$/.test(part))) return undefined;
  const { what } = clue.difference;
  if (what.kind === 'field' && PYTHON_SOURCE.includes(what.field)) {
    const surrounding = what.field === 'source mtime' && isVaried(context, 'clock') ? 'clock' : null;
    return {
      confidence: 'certain',
      evidence: against(`The ${what.field} in the header`, what.first ?? '', what.second ?? ''),
      surrounding,
    };
  }
  if (what.kind !== 'content') return undefined;
  if (what.offset >= 8 && what.offset < 16 && clue.name !== 'code') {
    return {
      confidence: 'certain',
      evidence: 'The compiled file differs in its header, which has the time or the hash of the source.',
      surrounding: null,
    };
  }
  // What marshal writes depends on how often an object was referred to at that moment (Python issue 78274).
  const remedy = 'Do not ship the bytecode: py3compile makes it on installation.';
  return { confidence: 'possible', evidence: 'The code of the compiled file differs.', surrounding: null, remedy };
}

function documentId({ difference: { what } }: Clue): Finding | undefined {
  if (what.kind !== 'field' || !/^(?:ID|DocumentID|InstanceID)$/.test(what.field)) return undefined;
  return { confidence: 'certain', evidence: against(`The field ${what.field}`, what.first ?? '', what.second ?? ''), surrounding: null };
}

function binaryTime(clue: Clue, context: CauseContext): Finding | undefined {
  if (clue.window === undefined || /\.py[co]$|signature|build-id/.test(clue.name)) return undefined;
  const time = timeAt(clue.window, context);
  if (time === undefined) return undefined;
  const evidence = `The ${time.words} at the first difference are the times ${moment(time.first)} and ${moment(time.second)}.`;
  return { confidence: 'likely', evidence, surrounding: isVaried(context, 'clock') ? 'clock' : null };
}

/** The bytes of a note that come before a build id: name size, 20 bytes, type 3, GNU. */
const BUILD_ID_NOTE = Buffer.from('040000001400000003000000474e5500', 'hex');

function buildId(clue: Clue): Finding | undefined {
  const { what } = clue.difference;
  if (what.kind === 'only-in') {
    if (!/\/\.build-id\/[0-9a-f]{2}(?:\/[0-9a-f]+(?:\.debug)?|\/?)$/.test(clue.name)) return undefined;
    return { confidence: 'likely', evidence: 'The file is named after a build id.', surrounding: null };
  }
  if (clue.name.endsWith('.note.gnu.build-id'))
    return { confidence: 'certain', evidence: 'The build id of the program differs.', surrounding: null };
  if (clue.window === undefined) return undefined;
  const { first, start, offset } = clue.window;
  const note = first.lastIndexOf(BUILD_ID_NOTE, offset - start);
  const within = note !== -1 && offset - start - note < BUILD_ID_NOTE.length + 20;
  return within
    ? { confidence: 'certain', evidence: 'The first byte that differs is in the build id of the program.', surrounding: null }
    : undefined;
}

/** The first line of what is signed, certified or a key, or of the body of an OpenPGP signature. */
const ARMOUR =
  /-----BEGIN (?:PGP [A-Z ]+|[A-Z0-9 ]*(?:CERTIFICATE|PRIVATE KEY|PUBLIC KEY|PKCS7|CMS|SSH SIGNATURE|DH PARAMETERS))-----|^i[QH][A-Za-z0-9+/]{40}/;
/** Files that hold certificates and keys. */
const KEY_FILE = /\.(?:pem|crt|cer|der|x509|p12|pfx|jks|keystore|kbx)$/i;

function signature(clue: Clue): Finding | undefined {
  const path = clue.difference.trail.slice(1);
  const named = path.some((part) =>
    /^module signature$|\.(?:sig|asc|gpg|p7s|p7b|sign|rsa|dsa|ec)$|_gpg(?:origin|builder)$|\.sbsign|SIGNATURE$/i.test(part),
  );
  const around = [
    ...clue.pairs.flatMap(({ first, second }) => [first, second]),
    ...(clue.lines?.first ?? []),
    ...(clue.lines?.second ?? []),
  ];
  const armoured = around.some((text) => ARMOUR.test(text));
  const kept = KEY_FILE.test(path.at(-1) ?? '') && (clue.difference.what.kind === 'content' || clue.difference.what.kind === 'text');
  if (!named && (!(armoured || kept) || permuted(clue) !== undefined)) return undefined; // a bundle of certificates in another order is signed by nobody
  return {
    confidence: named ? 'certain' : 'likely',
    evidence: 'What differs is a signature, or the key that it was made with.',
    surrounding: null,
  };
}

function profile(clue: Clue): Finding | undefined {
  const name = clue.difference.trail.slice(1).find((part) => /\.(?:gcda|gcno|profraw|profdata|afdo)$/.test(part));
  return name === undefined
    ? undefined
    : { confidence: 'certain', evidence: 'What differs is what a profiler counted in a run of the program.', surrounding: null };
}

/** A setting that a compressor wrote into its header; the time and the name there are none. */
function settingOf(what: Difference['what']): { readonly name: string; readonly first: string; readonly second: string } | undefined {
  if (what.kind === 'field') return { name: what.field, first: what.first ?? 'not there', second: what.second ?? 'not there' };
  if (what.kind !== 'attribute' || what.attribute === 'mtime' || what.attribute === 'name') return undefined;
  return { name: what.attribute, first: what.first, second: what.second };
}

function compression(clue: Clue, context: CauseContext): Finding | undefined {
  const { what } = clue.difference;
  const header = /^(gzip|xz|zstd|bzip2) header$/.exec(clue.name)?.[1];
  const setting = settingOf(what);
  if (setting !== undefined && header !== undefined) {
    const threads = /thread|block/i.test(setting.name) && isVaried(context, 'cpus');
    return {
      confidence: 'certain',
      evidence: against(`The ${setting.name} of the compressor`, setting.first, setting.second),
      surrounding: threads ? 'cpus' : null,
    };
  }
  const packing = zipPacking(what, clue);
  if (packing !== undefined) return packing;
  if (what.kind !== 'encoding') return undefined;
  if (/\.(?:t?gz|svgz)$/.test(clue.name) && what.offset >= 4 && what.offset < 8) return undefined;
  if (!/\.(?:t?gz|t?xz|t?zst|t?bz2?|lz|lzma|svgz|zip|jar|war|whl|egg|apk|xpi|od[tsp]|epub|deb|ko)$/.test(clue.name)) return undefined;
  const threads = isVaried(context, 'cpus') && /\.(?:xz|zst|gz|deb)$/.test(clue.name);
  return {
    confidence: 'likely',
    evidence: `What is inside is equal, the compressed bytes differ from byte ${what.offset} on.`,
    surrounding: threads ? 'cpus' : null,
  };
}

/** Method, or the bits of the flags in which deflate notes its level (APPNOTE 4.4.4): of a member of a zip. */
function zipPacking(what: Difference['what'], { name }: Clue): Finding | undefined {
  if (what.kind !== 'attribute' || / header$/.test(name)) return undefined;
  const level =
    what.attribute === 'flags' &&
    (Number(what.first) ^ Number(what.second)) !== 0 &&
    ((Number(what.first) ^ Number(what.second)) & ~6) === 0;
  if (what.attribute !== 'method' && !level) return undefined;
  return {
    confidence: 'certain',
    evidence: against(`The ${level ? 'level in the flags' : 'method'} of the member`, what.first, what.second),
    surrounding: null,
  };
}

export const BINARY_DETECTORS: readonly Detector[] = [
  {
    name: 'signature',
    leak: 'A signature, or a key that was made in the build',
    evidence: 'What differs is, by its name, its place or its first line, a signature.',
    remedy:
      'Sign after the build, apart from it: a package can only be rebuilt by others when its signature is not part of what is compared. `twinbuild sign-modules` does so for kernel modules.',
    link: `${DOCS}/embedded-signatures/`,
    detect: signature,
  },
  {
    name: 'profile',
    leak: 'Counts of a profiler (PGO)',
    evidence: 'What differs is a file of a profiler: .gcda, .profraw, .profdata.',
    remedy:
      'Do not ship profiles; for a build that is optimised by one, keep the profile in the source package, or train with one thread on fixed input (-fprofile-update=atomic, -fprofile-partial-training).',
    link: 'https://gcc.gnu.org/onlinedocs/gcc/Optimize-Options.html',
    detect: profile,
  },
  {
    name: 'python-bytecode',
    leak: 'Compiled Python, with the time of its source',
    evidence: 'A .pyc file differs; its header has the time of the source.',
    remedy:
      'Do not ship .pyc files (dh_python3 makes them on installation), or compile with `python3 -m compileall --invalidation-mode unchecked-hash`.',
    link: 'https://docs.python.org/3/library/py_compile.html#py_compile.PycInvalidationMode',
    detect: python,
  },
  {
    name: 'document-id',
    leak: 'The identifier of a PDF',
    evidence: 'The identifiers of the document (ID, DocumentID, InstanceID) differ.',
    remedy:
      'The identifier is made of the time and the name of the file, or by chance: set SOURCE_DATE_EPOCH and FORCE_SOURCE_DATE=1 for TeX, \\pdftrailerid{} where the name differs too, and `qpdf --deterministic-id` for others.',
    link: `${DOCS}/source-date-epoch/`,
    detect: (clue) => documentId(clue),
  },
  {
    name: 'build-id',
    leak: 'The build id of a program',
    evidence:
      'A build id differs and nothing else of the program does: it is a hash of the program before its debugging symbols were taken out.',
    remedy:
      'Look at what only the debugging symbols have: paths (-ffile-prefix-map), names of temporary files, the flags in DW_AT_producer. Comparing the -dbgsym packages shows it.',
    link: `${DOCS}/build-path/`,
    detect: (clue) => buildId(clue),
  },
  {
    name: 'compression',
    leak: 'The settings of a compressor',
    evidence: 'What is inside is equal and the compressed bytes are not, outside of a time stamp.',
    remedy:
      'Give the level and the number of threads: `xz -T2` and `zstd -T2` cut into the same blocks whatever the machine has, where -T0 does not; `pigz -n -p1` for gzip, `zip -9` for zip.',
    link: 'https://manpages.debian.org/bookworm/xz-utils/xz.1.en.html',
    detect: compression,
  },
  {
    name: 'binary-timestamp',
    leak: 'The time of the build, as bytes',
    evidence:
      'The bytes at the first difference are, on both sides and in one reading (seconds in four bytes or a double, milliseconds in eight, either byte order), a time after the start of their own build.',
    remedy:
      'Let the program that writes the file take SOURCE_DATE_EPOCH for its time, or give it an option without one (-Wl,--no-insert-timestamp for PE files).',
    link: `${DOCS}/source-date-epoch/`,
    detect: (clue, context) => (isContent(clue) ? binaryTime(clue, context) : undefined),
  },
];
