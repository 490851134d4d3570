import { isNow } from './clocks.ts';
import type { Mask } from './detector.ts';
import { type Token, tokenMask } from './token.ts';
import { umaskExplains } from './umask.ts';

const DOCS = 'https://reproducible-builds.org/docs';

/** Random text has digits and letters; words and paths have not both. */
function looksRandom(text: string): boolean {
  return /\d/.test(text) && /[A-Za-z]/.test(text);
}

const BUILT_IN = /^\/(?:build|builddir|buildd|home|root|tmp|srv|var\/tmp|var\/lib|usr\/src|workspace|mnt|opt)\//;

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/'));
}

const TOKENS: readonly Token[] = [
  {
    name: 'cpio-time',
    leak: 'The time of a file in a cpio archive that is part of a program',
    evidence: 'The times in the headers of a cpio archive in the middle of other bytes are, on both sides, those of the own build.',
    remedy:
      'A Linux kernel has such an archive even when none was asked for: set KBUILD_BUILD_TIMESTAMP to a date that `date -d` reads back, with its zone; for others give cpio files with the times of SOURCE_DATE_EPOCH.',
    link: 'https://docs.kernel.org/kbuild/reproducible-builds.html',
    // newc (cpio(5)): the sixth of the numbers behind the magic.
    pattern: /(?<=07070[12](?:[0-9A-Fa-f]{8}){5})[0-9A-Fa-f]{8}(?=[0-9A-Fa-f]{56})/g,
    what: 'The time of a file in a cpio archive, in seconds as hex,',
    confidence: 'certain',
    fits: ([first], [second], context) =>
      isNow(Number.parseInt(first, 16), 'first', context) && isNow(Number.parseInt(second, 16), 'second', context),
  },
  {
    name: 'kernel',
    leak: 'The release of the running kernel',
    evidence: 'A version stands on the first side where the second has a 2.6 version, and the second build saw its kernel as Linux 2.6.',
    remedy:
      'Do not ask uname for the kernel; a package is built for the kernel of its suite and not for that of the machine which builds it.',
    link: `${DOCS}/stripping-unreproducible-information/`,
    pattern: /(?<![\w.])\d+\.\d+(?:\.\d+)?[\w.+~-]*/g,
    what: 'The kernel release',
    confidence: 'certain',
    surrounding: 'kernel',
    fits: ([first], [second]) => !first.startsWith('2.6.') && /^2\.6\.\d+/.test(second),
  },
  {
    name: 'folder-of-build',
    leak: 'A folder of the machine that built it',
    evidence:
      'Of builds that were not made by twinbuild: absolute paths that end alike and begin in different folders of the kind that packages are built in.',
    remedy: 'Build both in the same folder, or with the flags of dpkg-buildflags, which pass -ffile-prefix-map to compilers.',
    link: `${DOCS}/build-path/`,
    pattern: /(?:\/[\w.+~-]+){2,}/g,
    what: 'A path',
    confidence: 'likely',
    fits: ([first], [second], context) =>
      context.first === undefined && BUILT_IN.test(first) && BUILT_IN.test(second) && lastPart(first) === lastPart(second),
  },
  {
    name: 'file-system',
    leak: 'The kind of the file system',
    evidence: 'The name of a file system stands on the first side where the second has tmpfs, and the second build was made in one.',
    remedy:
      'Do not ask for the file system, nor for what depends on it: sizes on disk (du without --apparent-size), numbers of inodes and links, sizes of folders.',
    link: `${DOCS}/stable-inputs/`,
    pattern: /(?<![\w-])(?:ext2\/ext3|ext[234]|overlay(?:fs)?|xfs|btrfs|zfs|f2fs|tmpfs)(?![\w-])/g,
    what: 'The file system',
    confidence: 'certain',
    surrounding: 'directory-order',
    fits: (_first, [second], context) => second === 'tmpfs' && context.second?.volume === 'tmpfs',
  },
  {
    name: 'umask-listing',
    leak: 'Modes of files, written into a text',
    evidence: 'Permissions as `ls -l` or `stat -c %a` write them, which differ only in bits that the two umasks set differently.',
    remedy: 'Do not list modes; set them with `install -m` before, or write only names.',
    link: 'https://manpages.debian.org/bookworm/debhelper/dh_fixperms.1.en.html',
    pattern: /(?<!\S)[-dlbcps](?:[r-][w-][xsStT-]){3}(?!\w)|(?<![\w.])0?[0-7]{3}(?![\w.])/g,
    what: 'A mode',
    confidence: 'certain',
    surrounding: 'umask',
    unsure: ({ first }) => !/[r-][w-][xsStT-]{1}|mode|perm|chmod|install|^\s*0?[0-7]{3}\s*$/i.test(first),
    fits: ([first], [second], context) =>
      /^[-a-z]/.test(first) || umaskExplains(Number.parseInt(first, 8), Number.parseInt(second, 8), context),
  },
  {
    name: 'compiler-tuning',
    leak: 'The processor of the build machine',
    evidence: 'Compiler flags on both sides name another processor (-march, -mtune, -mcpu), as -march=native does on another machine.',
    remedy:
      'Do not build with -march=native or -mtune=native: the package would also not run on every machine of its architecture. Use the flags of dpkg-buildflags.',
    link: 'https://wiki.debian.org/InstructionSelection',
    pattern: /-m(?:arch|tune|cpu)=[\w.+-]+/g,
    what: 'The flag for the processor',
    confidence: 'certain',
  },
  {
    name: 'uuid',
    leak: 'A UUID that was made in the build',
    evidence: 'Two different UUIDs stand against each other.',
    remedy:
      'Derive the UUID from something fixed, as `uuidgen --sha1 --namespace @url --name https://example.org/package` does, or give it as an option (mkfs -U, --hash-seed).',
    link: `${DOCS}/randomness/`,
    pattern: /(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/gi,
    what: 'A UUID',
    confidence: 'certain',
  },
  {
    name: 'temporary-name',
    leak: 'The name of a temporary file',
    evidence:
      'Names as mktemp(1), compilers and shells make them stand against each other; possible where only the mixed letters and digits at their end speak for it.',
    remedy:
      'Use a fixed name below the build folder in place of mktemp for whatever ends up in an output; compilers are given -frandom-seed and no @file in /tmp.',
    link: `${DOCS}/randomness/`,
    pattern:
      /(?<=\/)tmp[._-]?[A-Za-z0-9_]{6,12}(?![A-Za-z0-9_])|(?<=\/tmp\/)[\w.-]{4,}|(?<![A-Za-z0-9_])tmp\.[A-Za-z0-9]{6,12}(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])cc[A-Za-z0-9]{6}\.[a-z]+|(?<=\w[._-])(?=[A-Za-z]*\d)(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{6,12}(?!\w)/g,
    what: 'A temporary name',
    confidence: 'likely',
    unsure: ({ first }) => !/tmp|\bcc[A-Za-z0-9]{6}\./.test(first),
  },
  {
    name: 'address',
    leak: 'An address of the memory of a process',
    evidence: 'Hexadecimal numbers in the form of addresses stand against each other, as address space layout randomisation gives them.',
    remedy: 'Do not print pointers (%p, repr() of an object) and do not sort by them; give objects a name or a number of their own.',
    link: `${DOCS}/randomness/`,
    pattern: /(?<![\w])0x[0-9a-f]{7,16}(?!\w)|(?<![\w])(?:0000)?(?:5[5-6]|7[ef])[0-9a-f]{10}(?!\w)/gi,
    what: 'An address',
    confidence: 'likely',
  },
  {
    name: 'process-id',
    leak: 'The number of a process',
    evidence: 'Different numbers behind the word `pid` or `process`.',
    remedy: 'Leave the number of the process out of names and texts.',
    link: `${DOCS}/randomness/`,
    pattern: /(?<=\b(?:pid|process(?: id)?)\b\W{0,3})\d{1,7}(?!\d)/gi,
    what: 'The number of a process',
    confidence: 'likely',
  },
  {
    name: 'duration',
    leak: 'How long something took',
    evidence: 'Different numbers with a unit of time, or with a fraction behind a word such as real, user, sys or elapsed.',
    remedy: 'Do not write how long a step took (make, test runners and documentation tools have a quiet mode).',
    link: `${DOCS}/stripping-unreproducible-information/`,
    pattern:
      /(?<![\w.])(?:\d+m\s?)?\d+(?:[.,]\d+)?\s?(?:s|secs?|seconds?|ms|msecs?|milliseconds?|us|usecs?|µs|microseconds?|ns|nsecs?|mins?|minutes?)(?!\w)|(?<=\b(?:real|user|sys|system|elapsed|took|wall)\b[:=\s]{1,3})\d+[.,]\d+(?![\w.])/gi,
    what: 'A duration',
    confidence: 'likely',
  },
  {
    name: 'version-counter',
    leak: 'A counter that goes up with each build',
    evidence: 'Numbers behind a `#`, or behind the word build, revision, serial or counter, that are at most 100 apart.',
    remedy:
      'Start each build from a clean tree and give the number: KBUILD_BUILD_VERSION for a Linux kernel, the version of debian/changelog otherwise.',
    link: `${DOCS}/version-information/`,
    pattern: /(?<=#|\b(?:build|revision|serial|counter)(?:[ _-]?(?:number|no\.?))?\W{1,3})\d{1,9}(?!\w|\.\d)/gi,
    what: 'A counter',
    confidence: 'possible',
    fits: ([first], [second]) => Math.abs(Number(first) - Number(second)) <= 100,
  },
  {
    name: 'cpus',
    leak: 'The number of processors',
    evidence:
      'The number of processors of the first build stands on the first side where that of the second stands on the second, and nothing else differs in the text; likely when the text is that number alone or speaks of jobs, threads or processors, else possible.',
    remedy:
      'Do not write the number of jobs or processors, and do not cut work into as many parts; `parallel=` in DEB_BUILD_OPTIONS is for make -j only.',
    link: 'https://www.debian.org/doc/debian-policy/ch-source.html#debian-rules-and-deb-build-options',
    pattern: /(?<![\d.])\d{1,4}(?![\d.]\d|\d)/g,
    what: 'The number of processors',
    confidence: 'likely',
    surrounding: 'cpus',
    whole: true,
    unsure: ({ first }) => !/^\s*\d+\s*$|-j|jobs?\b|parallel|cpu|core|nproc|processor|thread|worker/i.test(first),
    fits: ([first], [second], context) => Number(first) === context.first?.cpus && Number(second) === context.second?.cpus,
  },
  {
    name: 'locale-number',
    leak: 'A number in the spelling of the locale',
    evidence: 'The same digits with another decimal or thousands sign.',
    remedy: 'Set `export LC_ALL=C.UTF-8` in debian/rules for programs that print numbers.',
    link: `${DOCS}/locales/`,
    pattern: /(?<![\w.,])\d[\d.,'’\u00a0\u202f]*\d(?!\w)/gu,
    what: 'The same number',
    confidence: 'certain',
    surrounding: 'locale',
    fits: ([first], [second]) => first.replaceAll(/\D/g, '') === second.replaceAll(/\D/g, ''),
  },
  {
    name: 'random',
    leak: 'Random text, or a checksum of something that differs',
    evidence:
      'Text of the same length in letters and digits without a word in it (at least 16 digits or hexadecimal digits, 20 signs of base64, or a hash of a password) differs, and nothing else near it.',
    remedy: 'Find what draws random numbers or hashes something that differs (keys, salts, seeds, nonces), and give it a fixed seed.',
    link: `${DOCS}/randomness/`,
    pattern:
      /\$[0-9a-z]{1,3}\$[./A-Za-z0-9$=,]{20,}|(?<![\w.+/-])-?\d{16,20}(?![\w.])|(?<![A-Za-z0-9+/])(?:[0-9a-f]{16,}|[0-9A-F]{16,}|[A-Za-z0-9+/_-]{20,}={0,2})(?![A-Za-z0-9+/])/g,
    what: 'Random text or a checksum',
    confidence: 'possible',
    whole: true,
    fits: ([first], [second]) =>
      (/^-?\d+$/.test(first) ? /^-?\d+$/.test(second) : first.length === second.length && looksRandom(first) && looksRandom(second)) &&
      !first.includes('://') &&
      commonStart(first, second) < 6,
  },
];

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** A mask for each kind of token. */
export const TOKEN_MASKS: readonly Mask[] = TOKENS.map(tokenMask);
