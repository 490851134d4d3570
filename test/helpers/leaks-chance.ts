import type { Leak } from './leak.ts';

export const CHANCE: Leak[] = [
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
