import type { Leak } from './leak.ts';

const C = (name: string, source: string): string => `printf '%s\\n' '${source}' > debian/${name}.c`;
const NO_EPOCH = 'env -u SOURCE_DATE_EPOCH';

export const COMPILED: Leak[] = [
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

export const ASKED: Leak[] = [
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
