import type { Surroundings } from '../build/types.ts';
import { isNow } from './clocks.ts';
import type { Clue } from './clue.ts';
import { against, type Detector, type Finding, isVaried } from './detector.ts';
import type { CauseContext } from './types.ts';
import { umaskExplains } from './umask.ts';

const DOCS = 'https://reproducible-builds.org/docs';
const TAR = 'tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX';

type Attribute = { readonly name: string; readonly first: string; readonly second: string };

function attributeOf({ difference: { what } }: Clue): Attribute | undefined {
  return what.kind === 'attribute' ? { name: what.attribute, first: what.first, second: what.second } : undefined;
}

/** Whether the difference is of a member of a static library. */
function inLibrary({ within }: Clue): boolean {
  return within.some((part) => part.endsWith('.a'));
}

function fileMode(clue: Clue, context: CauseContext): Finding | undefined {
  const attribute = attributeOf(clue);
  if (attribute?.name !== 'mode' || inLibrary(clue)) return undefined;
  const [one, two] = [Number.parseInt(attribute.first, 8), Number.parseInt(attribute.second, 8)];
  const evidence = against('The mode', attribute.first, attribute.second);
  if (context.first === undefined || context.second === undefined) {
    return ((one ^ two) & ~0o022) === 0 ? { confidence: 'possible', evidence, surrounding: null } : undefined;
  }
  return umaskExplains(one, two, context) ? { confidence: 'certain', evidence, surrounding: 'umask' } : undefined;
}

function fileOwner(clue: Clue, { first, second }: CauseContext): Finding | undefined {
  const attribute = attributeOf(clue);
  if (attribute === undefined || inLibrary(clue) || (attribute.name !== 'owner' && attribute.name !== 'group')) return undefined;
  const evidence = against(`The ${attribute.name}`, attribute.first, attribute.second);
  if (first === undefined || second === undefined) return { confidence: 'likely', evidence, surrounding: null };
  const own = (text: string, { user }: Surroundings): boolean =>
    numberOf(text) === (attribute.name === 'owner' ? user.uid : user.gid) || text.startsWith(`${user.name} `);
  return own(attribute.first, first) && own(attribute.second, second)
    ? { confidence: 'certain', evidence, surrounding: 'user' }
    : undefined;
}

function numberOf(text: string): number {
  return Number(/\((\d+)\)$/.exec(text)?.[1] ?? text);
}

function fileTime(clue: Clue, context: CauseContext): Finding | undefined {
  const attribute = attributeOf(clue);
  if (attribute?.name === 'pax') return paxTime(attribute, context);
  if (attribute?.name !== 'mtime' || clue.name === 'gzip header' || inLibrary(clue)) return undefined;
  const finding = timeFinding('The time of the member', attribute, context) ?? otherTime(attribute, context);
  return clue.within.at(-1)?.startsWith('data.tar') ? { ...finding, remedy: PACKED } : finding;
}

const PACKED =
  'Set the times before packing: dpkg-deb takes back those that are newer than the changelog, and leaves older ones as they are: `find debian/PACKAGE -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +` before dh_builddeb.';

/** A time that is of neither build: another machine's clock moved it, or only one of both was taken back to the date of the package. */
function otherTime({ first, second }: Attribute, { epoch, ...context }: CauseContext): Finding {
  const evidence = against('The time of the member', first, second);
  const [one, two] = [secondsOf(first), secondsOf(second)];
  const clocks = (context.second?.clockOffsetSeconds ?? 0) - (context.first?.clockOffsetSeconds ?? 0);
  const moved = clocks !== 0 && (Math.abs(two - one - clocks) < 120 || ((one === epoch || two === epoch) && one < two === clocks > 0));
  if (!moved) return { confidence: 'possible', evidence, surrounding: null };
  return { confidence: 'likely', evidence, surrounding: isVaried({ ...context, epoch }, 'clock') ? 'clock' : null };
}

const PAX_TIME = /(?<=^| )(?:mtime|atime|ctime|LIBARCHIVE\.creationtime)=(\d+)(?:\.\d+)?(?= |$)/g;

/** Times in a pax header, when nothing else of it differs. */
function paxTime({ first, second }: Attribute, context: CauseContext): Finding | undefined {
  const [one, two] = [first.match(PAX_TIME) ?? [], second.match(PAX_TIME) ?? []];
  if (one.length === 0 || one.length !== two.length || first.replaceAll(PAX_TIME, '') !== second.replaceAll(PAX_TIME, '')) return undefined;
  const at = one.findIndex((text, index) => text !== two[index]);
  const [a, b] = [one[at] ?? '', two[at] ?? ''];
  const seconds = (text: string): string => /\d+/.exec(text)?.[0] ?? '';
  const finding = timeFinding('A time in the pax header', { name: 'pax', first: seconds(a), second: seconds(b) }, context);
  const remedy = `Leave these times out: \`tar --format=gnu\`, or \`--pax-option=delete=atime,delete=ctime\`; and clamp the others: \`${TAR}\`.`;
  return finding && { ...finding, evidence: against('A time in the pax header', a, b), remedy };
}

function inode(clue: Clue): Finding | undefined {
  const attribute = attributeOf(clue);
  if (attribute?.name !== 'inode') return undefined;
  return {
    confidence: 'certain',
    evidence: against('The inode number of the member', attribute.first, attribute.second),
    surrounding: null,
  };
}

function timeFinding(what: string, { first, second }: Attribute, context: CauseContext): Finding | undefined {
  const evidence = against(what, first, second);
  if (context.builtAtSeconds === undefined) return { confidence: 'likely', evidence, surrounding: null };
  const [one, two] = [secondsOf(first), secondsOf(second)];
  const surrounding = isVaried(context, 'clock') ? 'clock' : null;
  if (isNow(one, 'first', context) && isNow(two, 'second', context)) return { confidence: 'certain', evidence, surrounding };
  // A zip writes local time, so that a zone moves it.
  if (isVaried(context, 'timezone') && one !== two && Math.abs(one - two) % 900 === 0 && Math.abs(one - two) <= 26 * 3600) {
    return { confidence: 'likely', evidence, surrounding: 'timezone' };
  }
  return isNow(one, 'first', context) || isNow(two, 'second', context) ? { confidence: 'likely', evidence, surrounding } : undefined;
}

function secondsOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  return Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`) / 1000;
}

function staticArchive(clue: Clue, context: CauseContext): Finding | undefined {
  const attribute = attributeOf(clue);
  if (attribute === undefined || !inLibrary(clue) || !['mtime', 'owner', 'group', 'mode'].includes(attribute.name)) return undefined;
  return {
    confidence: 'certain',
    evidence: against(`The ${attribute.name} of a member of a static library`, attribute.first, attribute.second),
    surrounding: surroundingOf(attribute.name, context),
  };
}

function surroundingOf(attribute: string, context: CauseContext): 'user' | 'umask' | 'clock' | null {
  const name = ({ owner: 'user', group: 'user', mode: 'umask', mtime: 'clock' } as const)[attribute];
  return name !== undefined && isVaried(context, name) ? name : null;
}

function gzipTime(clue: Clue, context: CauseContext): Finding | undefined {
  const { what } = clue.difference;
  const attribute = attributeOf(clue);
  if (clue.name === 'gzip header' && attribute?.name === 'mtime') {
    return {
      ...(timeFinding('The time in the gzip header', attribute, context) ?? {
        confidence: 'likely',
        evidence: against('The time in the gzip header', attribute.first, attribute.second),
        surrounding: null,
      }),
      confidence: 'certain',
    };
  }
  if (clue.name === 'gzip header' && attribute?.name === 'name') {
    return {
      confidence: 'certain',
      evidence: against('The name of the file in the gzip header', attribute.first, attribute.second),
      surrounding: null,
    };
  }
  // The fifth to eighth byte of a gzip file are the time of what is in it (RFC 1952).
  const early = what.kind === 'encoding' && what.offset >= 4 && what.offset < 8 && /\.(?:t?gz|svgz)$/.test(clue.name);
  return early
    ? {
        confidence: 'certain',
        evidence: `The time in the gzip header differs (byte ${what.offset}); what is inside is equal.`,
        surrounding: null,
      }
    : undefined;
}

export const MEMBER_DETECTORS: readonly Detector[] = [
  {
    name: 'gzip-time',
    leak: 'The time or name of a file in a gzip header',
    evidence: 'The header of a gzip file differs in its time or name, and what is inside is equal.',
    remedy:
      'Compress with `gzip -9n` (dh_compress does), gzip.GzipFile(mtime=0) in Python, or let dh_strip_nondeterminism take the time out.',
    link: 'https://manpages.debian.org/bookworm/gzip/gzip.1.en.html',
    detect: gzipTime,
  },
  {
    name: 'static-library',
    leak: 'Times, owners and modes of the members of a static library',
    evidence: 'A member of an ar archive inside the package has another time, owner or mode.',
    remedy:
      "Make libraries with `ar rcD` and ranlib -D (Debian's do so by themselves unless a U in ARFLAGS forbids it), or let dh_strip_nondeterminism correct them.",
    link: 'https://manpages.debian.org/bookworm/binutils-common/ar.1.en.html',
    detect: staticArchive,
  },
  {
    name: 'file-mode',
    leak: 'Modes of files that follow from the umask',
    evidence: 'The modes differ only in bits that one umask takes away and the other leaves.',
    remedy: `Set modes: dh_fixperms, \`install -m 0644\`, or for an archive of your own \`${TAR}\`.`,
    link: `${DOCS}/archives/`,
    detect: fileMode,
  },
  {
    name: 'file-owner',
    leak: 'The build user as owner of files',
    evidence: "The owners are the two builds' users.",
    remedy: `Pack with \`dpkg-deb --root-owner-group\` (dh_builddeb does with Rules-Requires-Root: no), and archives of your own with \`${TAR}\`.`,
    link: `${DOCS}/archives/`,
    detect: fileOwner,
  },
  {
    name: 'file-time',
    leak: 'Times of files in an archive',
    evidence:
      'A member has another time. Sure when it lies within its own build; likely when the two are apart by the time zones or by the clocks, or one was taken back to the date of the package; otherwise possible.',
    remedy: `Clamp times to the package's date: \`${TAR}\`; for zip and jar set the times with touch -d "@$SOURCE_DATE_EPOCH" under TZ=UTC, or let dh_strip_nondeterminism do it.`,
    link: `${DOCS}/archives/`,
    detect: fileTime,
  },
  {
    name: 'inode',
    leak: 'Inode numbers of the file system in which an archive was made',
    evidence: 'A member of a cpio archive has another inode number.',
    remedy: 'Make cpio archives with a sorted list and `cpio -o -H newc --reproducible`, which numbers inodes anew.',
    link: 'https://manpages.debian.org/bookworm/cpio/cpio.1.en.html',
    detect: inode,
  },
];
