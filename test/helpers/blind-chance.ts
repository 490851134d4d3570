import type { Leak } from './leak.ts';

/** Orders, chance and compiled programs; some of what chance leaves has no cause that anybody could name. */
export const ORDERS: Leak[] = [
  // Order.
  {
    file: 'perl-dump',
    body: `perl -MData::Dumper -e '$Data::Dumper::Indent = 1; print Dumper({map { $_ => length } qw(lion tiger bear wolf fox deer otter badger)})' > "$OUT/perl-dump"`,
    cause: 'hash-order',
    surrounding: null,
  },
  {
    file: 'perl.json',
    body: `perl -MJSON::PP -e 'print encode_json({map { $_ => length } qw(lion tiger bear wolf fox deer otter badger)})' > "$OUT/perl.json"`,
    cause: 'hash-order',
    surrounding: null,
  },
  {
    file: 'manifest.md5',
    body: `mkdir -p tree/sums; for i in $(seq 30); do echo $i > tree/sums/$i.txt; done; (cd tree/sums; find . -type f -exec md5sum {} +) > "$OUT/manifest.md5"`,
    cause: 'directory-order',
    surrounding: 'directory-order',
  },
  {
    file: 'libordered.a',
    body: `mkdir objects; for i in $(seq 30); do echo "$i" > objects/f$i.o; done; (cd objects; ar rcDS "$OUT/libordered.a" $(ls -U))`,
    cause: 'directory-order',
    surrounding: 'directory-order',
  },
  { file: 'inodes', body: `: > debian/ino; stat -c 'inode %i on %d' debian/ino > "$OUT/inodes"`, cause: null, surrounding: null },
  // Chance.
  { file: 'shell-random', body: `bash -c 'echo "port $((20000 + RANDOM))"' > "$OUT/shell-random"`, cause: null, surrounding: null },
  {
    file: 'past-date',
    body: `perl -e 'my @t = gmtime(1000000000 + int rand 400000000); printf "%04d-%02d-%02d\\n", $t[5] + 1900, $t[4] + 1, $t[3]' > "$OUT/past-date"`,
    cause: null,
    surrounding: null,
  },
  {
    file: 'amount',
    body: `perl -e 'printf "%d MB in %d files\\n", 100 + rand 800, 10 + rand 80' > "$OUT/amount"`,
    cause: null,
    surrounding: null,
  },
  {
    file: 'address-ip',
    body: `perl -e 'printf "10.%d.%d.%d\\n", map { int rand 256 } 1..3' > "$OUT/address-ip"`,
    cause: null,
    surrounding: null,
  },
  { file: 'coordinates', body: `perl -e 'printf "%.6f,%.6f\\n", rand 90, rand 180' > "$OUT/coordinates"`, cause: null, surrounding: null },
  {
    file: 'word-id',
    body: `perl -e 'my @l = ("a".."z"); print "id-", join("", map { $l[rand 26] } 1..8), "\\n"' > "$OUT/word-id"`,
    cause: null,
    surrounding: null,
  },
  {
    file: 'version-random',
    body: `perl -e 'printf "release 2.%d.%d\\n", 1 + rand 50, rand 90' > "$OUT/version-random"`,
    cause: null,
    surrounding: null,
  },
  {
    file: 'random-blob.gz',
    body: `head -c 400 /dev/urandom | tr '\\n' x | gzip -9n > "$OUT/random-blob.gz"`,
    cause: null,
    surrounding: null,
  },
  { file: 'base64', body: `echo "nonce: $(head -c 24 /dev/urandom | base64)" > "$OUT/base64"`, cause: 'random', surrounding: null },
  {
    file: 'pointer',
    body: `printf '%s\\n' '#include <stdio.h>' '#include <stdlib.h>' 'int main(void){ printf("table at %p\\n", malloc(9)); return 0; }' > debian/p.c; gcc -o debian/p debian/p.c; debian/p > "$OUT/pointer"`,
    cause: 'address',
    surrounding: null,
  },
  {
    file: 'shell-pid',
    body: `bash -c 'echo "lock.$BASHPID by process $BASHPID"; :' > "$OUT/shell-pid"; for i in $(seq "$(nproc)"); do :; done`,
    cause: 'process-id',
    surrounding: null,
    also: ['temporary-name'],
  },
  { file: 'mktemp-dir', body: `d=$(mktemp -d); echo "cd $d/work && make" > "$OUT/mktemp-dir"`, cause: 'temporary-name', surrounding: null },
  // Compiled.
  {
    file: 'assembled',
    body: `printf '%s\\n' 'const char host[] = HOST; int main(void){ return host[0]; }' > debian/h.c; gcc -DHOST="\\"$(uname -n)\\"" -Wl,--build-id=none -s -o "$OUT/assembled" debian/h.c`,
    cause: 'hostname',
    surrounding: 'hostname',
    leaf: /assembled|strings|data/,
  },
  {
    file: 'recorded-flags',
    body: `echo 'int main(void){return 0;}' > debian/r.c; gcc -frecord-gcc-switches "-march=$([ "$(nproc)" = 2 ] && echo haswell || echo skylake)" -Wl,--build-id=none -o "$OUT/recorded-flags" debian/r.c`,
    cause: 'compiler-tuning',
    surrounding: null,
    leaf: /strings|command/,
  },
  {
    file: 'scratch-built',
    body: `d=$(mktemp -d); echo 'int main(void){return 0;}' > $d/s.c; gcc -g -o "$OUT/scratch-built" $d/s.c; strip "$OUT/scratch-built"`,
    cause: 'build-id',
    surrounding: null,
    leaf: /scratch-built|build-id/,
  },
  {
    file: 'debug-temp',
    body: `d=$(mktemp -d); echo 'int main(void){return 0;}' > $d/s.c; gcc -g -Wl,--build-id=none -o "$OUT/debug-temp" $d/s.c`,
    cause: 'temporary-name',
    surrounding: null,
    leaf: /debug|strings/,
  },
  {
    file: 'liblto.a',
    body: `echo 'int f(void){return 1;}' > debian/l.c; gcc -flto -c -o debian/l.o debian/l.c; gcc-ar rcD "$OUT/liblto.a" debian/l.o`,
    cause: 'random',
    surrounding: null,
    leaf: /./,
  },
  {
    file: 'train.gcda',
    body: `printf '%s\\n' '#include <time.h>' 'int main(void){ int n = time(0) % 50; while (n-- > 0) ; return 0; }' > debian/t.c; (cd debian; gcc -fprofile-generate -o t t.c; ./t); cp debian/*.gcda "$OUT/train.gcda"`,
    cause: 'profile',
    surrounding: null,
  },
  {
    file: 'stamp.o',
    body: `printf '%s\\n' 'const char when[] = "built " __DATE__ " " __TIME__;' > debian/w.c; env -u SOURCE_DATE_EPOCH gcc -c -o "$OUT/stamp.o" debian/w.c`,
    cause: 'timestamp',
    surrounding: null,
    leaf: /stamp|strings|data/,
  },
];
