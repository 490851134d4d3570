import type { Leak } from './leak.ts';

export const HOST: Leak[] = [
  { file: 'disk', body: 'stat -f -c %T . > "$OUT/disk"', cause: 'file-system', surrounding: 'directory-order' },
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

export const USER: Leak[] = [
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

export const LOCALE: Leak[] = [
  {
    file: 'heading',
    body: 'echo "files: $(printf "%s\\n" b.c A.c a.c B.c | sort | tr "\\n" " ")" > "$OUT/heading"',
    cause: 'locale-sort',
    surrounding: 'locale',
  },
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
