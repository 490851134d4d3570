import type { SurroundingName } from '../../src/build/types.ts';
import { tinyPackage } from './tiny.ts';

/** One leak of the corpus: a file of a package, what writes it, and what has to be said about it. */
export type Leak = {
  readonly file: string; // below /usr/share/NAME; what stands for it in a trail begins so
  readonly body: string; // shell; $OUT is that folder
  readonly cause: string | null; // the detector that has to claim it; null: none may
  readonly surrounding: SurroundingName | null;
  readonly also?: readonly string[]; // further causes that are right
  readonly leaf?: RegExp; // the last part of the trail, when it is not the file itself
  readonly remedy?: RegExp;
};

/** A package of leaks, and the switches with which it is built. */
export type CorpusPackage = { readonly name: string; readonly flags: readonly string[]; readonly leaks: readonly Leak[] };

const HOST: Leak[] = [
  { file: 'hostname', body: 'uname -n > "$OUT/hostname"', cause: 'hostname', surrounding: 'hostname', remedy: /fixed text/ },
  { file: 'greeting', body: 'echo "built on $(uname -n) by hand" > "$OUT/greeting"', cause: 'hostname', surrounding: 'hostname' },
  { file: 'on-', body: ': > "$OUT/on-$(uname -n)"', cause: 'hostname', surrounding: 'hostname' },
  {
    file: 'host-in-bytes',
    body: 'printf "\\0\\1\\2%s\\0\\3\\4" "$(uname -n)" > "$OUT/host-in-bytes"',
    cause: 'hostname',
    surrounding: 'hostname',
  },
  { file: 'domain', body: 'dnsdomainname > "$OUT/domain"', cause: 'domain', surrounding: 'domain', remedy: /hostname -f/ },
  { file: 'fqdn', body: 'hostname -f > "$OUT/fqdn"', cause: 'hostname', surrounding: 'hostname', also: ['domain'] },
  { file: 'kernel', body: 'uname -r > "$OUT/kernel"', cause: 'kernel', surrounding: 'kernel', remedy: /uname/ },
  { file: 'cpus', body: 'nproc > "$OUT/cpus"', cause: 'cpus', surrounding: 'cpus', remedy: /parallel=/ },
  { file: 'jobs', body: 'echo "made with -j$(nproc)" > "$OUT/jobs"', cause: 'cpus', surrounding: 'cpus' },
  {
    file: 'march',
    body: 'echo "gcc -O2 -march=$([ "$(nproc)" = 2 ] && echo znver3 || echo skylake) -c x.c" > "$OUT/march"',
    cause: 'compiler-tuning',
    surrounding: null,
    remedy: /native/,
  },
];

const USER: Leak[] = [
  { file: 'user', body: 'id -un > "$OUT/user"', cause: 'user', surrounding: 'user', remedy: /KBUILD_BUILD_USER/ },
  { file: 'uid', body: 'id -u > "$OUT/uid"', cause: 'user', surrounding: 'user' },
  { file: 'id', body: 'id > "$OUT/id"', cause: 'user', surrounding: 'user' },
  { file: 'who-where', body: 'echo "# $(id -un)@$(uname -n)" > "$OUT/who-where"', cause: 'user', surrounding: 'user', also: ['hostname'] },
  { file: 'home', body: 'echo "$HOME/.config" > "$OUT/home"', cause: 'home', surrounding: 'home', remedy: /HOME/ },
  { file: 'home-link', body: 'ln -s "$HOME" "$OUT/home-link"', cause: 'home', surrounding: 'home' },
  { file: 'path', body: 'echo "$PATH" > "$OUT/path"', cause: 'path', surrounding: 'path', remedy: /PATH/ },
  {
    file: 'environment',
    body: 'env | sed "s/=.*//" | LC_ALL=C sort > "$OUT/environment"',
    cause: 'environment',
    surrounding: 'environment',
    remedy: /environment/,
  },
  { file: 'shell', body: 'readlink -f /bin/sh > "$OUT/shell"', cause: 'shell', surrounding: 'shell', remedy: /bin\/sh/ },
  { file: 'echo', body: 'echo -e "one two" > "$OUT/echo"', cause: 'shell-echo', surrounding: 'shell', remedy: /printf/ },
  { file: 'backslash', body: `echo 'one\\ttwo' > "$OUT/backslash"`, cause: 'shell-echo', surrounding: 'shell' },
  { file: 'umask', body: 'umask > "$OUT/umask"', cause: 'umask', surrounding: 'umask', remedy: /install -m/ },
  { file: 'umask-words', body: 'umask -S > "$OUT/umask-words"', cause: 'umask', surrounding: 'umask' },
  {
    file: 'listing',
    body: ': > debian/a; ls -l debian/a | cut -c1-10 > "$OUT/listing"',
    cause: 'umask-listing',
    surrounding: 'umask',
    remedy: /install -m/,
  },
];

const LOCALE: Leak[] = [
  { file: 'locale', body: 'echo "$LC_ALL" > "$OUT/locale"', cause: 'locale', surrounding: 'locale', remedy: /LC_ALL/ },
  {
    file: 'sorted',
    body: 'printf "%s\\n" b A a B c D | sort > "$OUT/sorted"',
    cause: 'locale-sort',
    surrounding: 'locale',
    remedy: /LC_ALL=C sort/,
  },
  {
    file: 'sorted-words',
    body: 'echo $(printf "%s\\n" zebra Apple banana Cherry | sort) > "$OUT/sorted-words"',
    cause: 'locale-sort',
    surrounding: 'locale',
  },
  { file: 'message', body: 'ls /nowhere 2> "$OUT/message" || :', cause: 'translation', surrounding: 'locale', remedy: /LC_ALL/ },
  {
    file: 'number',
    body: `/usr/bin/printf "%'d\\n" 1234567 > "$OUT/number"`,
    cause: 'locale-number',
    surrounding: 'locale',
    remedy: /LC_ALL/,
  },
  {
    file: 'words-of-date',
    body: 'date -u -d @1700000000 "+%A %d %B %Y" > "$OUT/words-of-date"',
    cause: 'locale-date',
    surrounding: 'locale',
    remedy: /%Y-%m-%d/,
  },
];

const TIMES: Leak[] = [
  { file: 'zone', body: 'echo "$TZ" > "$OUT/zone"', cause: 'timezone-name', surrounding: 'timezone', remedy: /TZ=UTC/ },
  {
    file: 'local-time',
    body: 'date -d @1700000000 +%H:%M > "$OUT/local-time"',
    cause: 'timezone',
    surrounding: 'timezone',
    also: ['timestamp'],
    remedy: /UTC|SOURCE_DATE_EPOCH/,
  },
  {
    file: 'local-date',
    body: 'LC_ALL=C date -d @1700000000 > "$OUT/local-date"',
    cause: 'timezone',
    surrounding: 'timezone',
    remedy: /UTC/,
  },
  { file: 'local-mail', body: 'date -R -d @1700000000 > "$OUT/local-mail"', cause: 'timezone', surrounding: 'timezone' },
  { file: 'date', body: 'LC_ALL=C date -u > "$OUT/date"', cause: 'timestamp', surrounding: null, remedy: /SOURCE_DATE_EPOCH/ },
  { file: 'date-of-locale', body: 'date > "$OUT/date-of-locale"', cause: 'timestamp', surrounding: null, also: ['locale-date'] },
  { file: 'iso', body: 'date -u +%Y-%m-%dT%H:%M:%SZ > "$OUT/iso"', cause: 'timestamp', surrounding: null },
  { file: 'mail', body: 'date -uR > "$OUT/mail"', cause: 'timestamp', surrounding: null },
  { file: 'seconds', body: 'date +%s > "$OUT/seconds"', cause: 'timestamp', surrounding: null },
  { file: 'nanoseconds', body: 'date +%s%N > "$OUT/nanoseconds"', cause: 'timestamp', surrounding: null },
  { file: 'compact', body: 'echo "version 1.0+$(date -u +%Y%m%d%H%M%S)" > "$OUT/compact"', cause: 'timestamp', surrounding: null },
  { file: 'slashes', body: 'date -u "+%d/%m/%Y %H:%M:%S" > "$OUT/slashes"', cause: 'timestamp', surrounding: null },
  {
    file: 'american',
    body: 'date -u "+%m/%d/%Y %I:%M:%S %p" | LC_ALL=C sed s/^/on:/ > "$OUT/american"',
    cause: 'timestamp',
    surrounding: null,
  },
  {
    file: 'page.html',
    body: 'echo "<p>Generated $(LC_ALL=C date -u "+%B %d, %Y %H:%M:%S")</p>" > "$OUT/page.html"',
    cause: 'timestamp',
    surrounding: null,
    remedy: /HTML_TIMESTAMP/,
  },
  {
    file: 'a.properties',
    body: 'echo "#$(LC_ALL=C date -u)" > "$OUT/a.properties"',
    cause: 'timestamp',
    surrounding: null,
    remedy: /Java/,
  },
  {
    file: 'in-bytes',
    body: `perl -e 'print "\\0" x 9, pack("V", time), "\\0" x 9' > "$OUT/in-bytes"`,
    cause: 'binary-timestamp',
    surrounding: null,
    remedy: /SOURCE_DATE_EPOCH/,
  },
  {
    file: 'took',
    body: `perl -MTime::HiRes=time -e 'my $t = time; my $n = 0; $n += $_ for 1..200000; printf "done in %.6f seconds\\n", time - $t' > "$OUT/took"`,
    cause: 'duration',
    surrounding: null,
  },
];

const FILES = 'mkdir -p "tree/$n"; for i in $(seq 40); do echo $i > "tree/$n/$i.txt"; done; chmod 644 tree/$n/*; chmod 755 tree/$n';
const STILL = '--mtime=@1700000000 --owner=0 --group=0 --numeric-owner';

const ARCHIVES: Leak[] = [
  {
    file: 'listed',
    body: 'mkdir d; for i in $(seq 40); do : > "d/$i"; done; ls -U d > "$OUT/listed"',
    cause: 'directory-order',
    surrounding: 'directory-order',
    remedy: /sort/,
  },
  {
    file: 'found',
    body: 'n=found; ' + FILES + '; find tree/found -type f > "$OUT/found"',
    cause: 'directory-order',
    surrounding: 'directory-order',
  },
  {
    file: 'order.tar',
    body: `n=order; ${FILES}; tar -C tree ${STILL} -cf "$OUT/order.tar" order`,
    cause: 'directory-order',
    surrounding: 'directory-order',
    remedy: /--sort=name/,
  },
  {
    file: 'mode.tar',
    body: `mkdir m; : > m/a; tar ${STILL} --sort=name -cf "$OUT/mode.tar" m`,
    cause: 'file-mode',
    surrounding: 'umask',
    leaf: /^m\//,
    remedy: /dh_fixperms/,
  },
  {
    file: 'owner.tar',
    body: `mkdir o; : > o/a; chmod -R u=rwX,go=rX o; tar --mtime=@1700000000 --sort=name -cf "$OUT/owner.tar" o`,
    cause: 'file-owner',
    surrounding: 'user',
    leaf: /^o\//,
    remedy: /--owner=0/,
  },
  {
    file: 'time.tar',
    body: `mkdir t; : > t/a; chmod -R u=rwX,go=rX t; tar --owner=0 --group=0 --numeric-owner --sort=name -cf "$OUT/time.tar" t`,
    cause: 'file-time',
    surrounding: null,
    leaf: /^t\//,
    remedy: /clamp-mtime/,
  },
  {
    file: 'readme.gz',
    body: 'echo hello > debian/readme; gzip -c debian/readme > "$OUT/readme.gz"',
    cause: 'gzip-time',
    surrounding: null,
    leaf: /gzip header|readme\.gz/,
    remedy: /gzip -9n/,
  },
  {
    file: 'packed.xz',
    body: 'seq 100000 | xz -"$(nproc)" > "$OUT/packed.xz"',
    cause: 'compression',
    surrounding: null,
    leaf: /header|packed/,
    also: [],
    remedy: /xz/,
  },
  {
    file: 'libold.a',
    body: 'echo object > debian/old.o; ar rcU "$OUT/libold.a" debian/old.o',
    cause: 'static-library',
    surrounding: null,
    leaf: /old\.o/,
    remedy: /ar rcD/,
  },
  {
    file: 'signed.sig',
    body: 'head -c 64 /dev/urandom > "$OUT/signed.sig"',
    cause: 'signature',
    surrounding: null,
    remedy: /after the build/,
  },
  {
    file: 'hash',
    body: `perl -e 'my %h = map { $_ => 1 } qw(lion tiger bear wolf fox deer otter badger hare mouse); print "$_\\n" for keys %h' > "$OUT/hash"`,
    cause: 'hash-order',
    surrounding: null,
    remedy: /sort keys/,
  },
  {
    file: 'hash-line',
    body: `perl -e 'my %h = map { $_ => 1 } qw(oak ash elm birch beech alder maple willow cherry); print join(", ", keys %h), "\\n"' > "$OUT/hash-line"`,
    cause: 'hash-order',
    surrounding: null,
  },
];

const CHANCE: Leak[] = [
  { file: 'uuid', body: 'cat /proc/sys/kernel/random/uuid > "$OUT/uuid"', cause: 'uuid', surrounding: null, remedy: /namespace/ },
  {
    file: 'temporary',
    body: 'echo "made in $(mktemp -u)" > "$OUT/temporary"',
    cause: 'temporary-name',
    surrounding: null,
    remedy: /mktemp/,
  },
  { file: 'address', body: `perl -e 'my $x; print \\$x, "\\n"' > "$OUT/address"`, cause: 'address', surrounding: null, remedy: /pointers/ },
  { file: 'process', body: `perl -e 'print "pid ", int(rand(30000)) + 1, "\\n"' > "$OUT/process"`, cause: 'process-id', surrounding: null },
  {
    file: 'token',
    body: 'echo "key=$(head -c 20 /dev/urandom | od -An -v -tx1 | tr -d " \\n")" > "$OUT/token"',
    cause: 'random',
    surrounding: null,
    remedy: /seed/,
  },
  {
    file: 'counter',
    body: 'echo "Linux version 6 #$(( $(nproc) - 1 )) SMP" > "$OUT/counter"',
    cause: 'version-counter',
    surrounding: null,
    remedy: /KBUILD_BUILD_VERSION/,
  },
  // What nobody could tell the reason of.
  { file: 'noise', body: 'head -c 300 /dev/urandom | tr "\\n" x > "$OUT/noise"', cause: null, surrounding: null },
  {
    file: 'lottery',
    body: `perl -e 'print join(" ", map { 100 + int(rand(9000)) } 1..6), "\\n"' > "$OUT/lottery"`,
    cause: null,
    surrounding: null,
  },
  {
    file: 'mood',
    body: `perl -e 'my @w = ("a".."z"); print join("", map { $w[rand 26] } 1..9), " is the word\\n"' > "$OUT/mood"`,
    cause: null,
    surrounding: null,
  },
];

const C = (name: string, source: string): string => `printf '%s\\n' '${source}' > debian/${name}.c`;
const NO_EPOCH = 'env -u SOURCE_DATE_EPOCH';

const COMPILED: Leak[] = [
  {
    file: 'macro',
    body: `${C('macro', '#include <stdio.h>|int main(void) { puts(__DATE__ " " __TIME__); return 0; }'.replace('|', "' '"))}; ${NO_EPOCH} gcc -Wl,--build-id=none -s -o "$OUT/macro" debian/macro.c`,
    cause: 'timestamp',
    surrounding: null,
    leaf: /macro|rodata|strings/,
    remedy: /__DATE__|SOURCE_DATE_EPOCH/,
  },
  {
    file: 'only-id',
    body: `${C('id', 'int main(void) { return 0; }')}; gcc -Wl,--build-id=uuid -s -o "$OUT/only-id" debian/id.c`,
    cause: 'build-id',
    surrounding: null,
    leaf: /only-id|build-id/,
    remedy: /debugging symbols/,
  },
  {
    file: 'libobject.a',
    body: `${C('object', 'int object(void) { return 1; }')}; gcc -c -o debian/object.o debian/object.c; ar rcU "$OUT/libobject.a" debian/object.o`,
    cause: 'static-library',
    surrounding: null,
    leaf: /object\.o/,
  },
  {
    file: 'run.gcno',
    body: `${C('run', 'int main(void) { return 0; }')}; ${NO_EPOCH} gcc --coverage -c -o debian/run.o debian/run.c; cp debian/run.gcno "$OUT/run.gcno"`,
    cause: 'profile',
    surrounding: null,
    remedy: /profile/,
  },
];

const ASKED: Leak[] = [
  { file: 'here', body: 'pwd > "$OUT/here"', cause: 'build-path', surrounding: 'build-path', remedy: /ffile-prefix-map/ },
  {
    file: 'assertion',
    body: `${C('path', 'const char *here = __FILE__; int main(void) { return !here; }')}; gcc -Wl,--build-id=none -s -o "$OUT/assertion" "$PWD/debian/path.c"`,
    cause: 'build-path',
    surrounding: 'build-path',
    leaf: /assertion|rodata|strings/,
  },
  { file: 'month', body: 'date -u +%Y-%m > "$OUT/month"', cause: 'timestamp', surrounding: 'clock', remedy: /SOURCE_DATE_EPOCH/ },
  { file: 'year', body: 'echo "Copyright $(date -u +%Y) Nobody" > "$OUT/year"', cause: 'timestamp', surrounding: 'clock' },
  { file: 'day', body: 'LC_ALL=C date -u "+%d %b %Y" > "$OUT/day"', cause: 'timestamp', surrounding: 'clock' },
  {
    file: 'page.1',
    body: `echo ".TH PAGE 1 \\"$(LC_ALL=C date -u '+%B %Y')\\"" > "$OUT/page.1"`,
    cause: 'timestamp',
    surrounding: 'clock',
    remedy: /pod2man/,
  },
];

/** A line each that makes md5sums, as dh_md5sums does, and makes the package grow with the host's name. */
const SUMS: Leak[] = [
  { file: 'growing', body: 'for i in $(seq 2000); do uname -n; done > "$OUT/growing"', cause: 'hostname', surrounding: 'hostname' },
];
const MD5SUMS = 'mkdir -p debian/tmp/DEBIAN; (cd debian/tmp && find usr -type f | LC_ALL=C sort | xargs -d "\\n" md5sum > DEBIAN/md5sums)';

/** Built one after the other, so that what is exact to a second differs. */
const APART = '--sequential';

export const CORPUS: readonly CorpusPackage[] = [
  { name: 'corpus-around', flags: [APART], leaks: [...HOST, ...USER, ...LOCALE, ...SUMS] },
  { name: 'corpus-time', flags: [APART], leaks: [...TIMES, ...ARCHIVES, ...CHANCE, ...COMPILED] },
  { name: 'corpus-asked', flags: [APART, '--vary', 'clock', '--vary', 'build-path'], leaks: ASKED },
];

/** The files of a package of the corpus. */
export function corpusFiles({ name, leaks }: CorpusPackage): Record<string, string> {
  return tinyPackage(name, [...leaks.map(({ body }) => body), MD5SUMS].join('\n'));
}
