import type { Leak } from './leak.ts';

/** What a kernel module is built with. */
export const MODULE_NEEDS = 'linux-headers-amd64, openssl, xz-utils, zstd, kmod';

const MODULE = `if [ ! -e debian/ko/x.ko ]; then mkdir -p debian/ko; printf '%s\\n' '#include <linux/module.h>' 'static int __init x(void){return 0;}' 'module_init(x);' 'MODULE_LICENSE("GPL");' > debian/ko/x.c; echo 'obj-m := x.o' > debian/ko/Makefile; headers=$(echo /usr/src/linux-headers-*-amd64); make -s -C "$headers" M="$PWD/debian/ko" modules >/dev/null; openssl req -new -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=build -keyout debian/ko/k.pem -outform DER -out debian/ko/k.der 2>/dev/null; fi; sign=$(echo /usr/lib/linux-kbuild-*/scripts/sign-file)`;

/** Real kernel modules. */
export const MODULES: Leak[] = [
  {
    file: 'x.ko',
    body: `${MODULE}; cp debian/ko/x.ko debian/ko/s.ko; $sign sha256 debian/ko/k.pem debian/ko/k.der debian/ko/s.ko; cp debian/ko/s.ko "$OUT/x.ko"`,
    cause: 'signature',
    surrounding: null,
    leaf: /signature/,
    remedy: /sign-modules/,
  },
  {
    file: 'x.ko.xz',
    body: `${MODULE}; cp debian/ko/x.ko debian/ko/s.ko; $sign sha256 debian/ko/k.pem debian/ko/k.der debian/ko/s.ko; xz --check=crc32 -T1 -c debian/ko/s.ko > "$OUT/x.ko.xz"`,
    cause: 'signature',
    surrounding: null,
    leaf: /signature/,
  },
  {
    file: 'level.ko.zst',
    body: `${MODULE}; zstd -q "-$(nproc)" -c debian/ko/x.ko > "$OUT/level.ko.zst"`,
    cause: 'compression',
    surrounding: null,
  },
  {
    file: 'counted.ko',
    body: `${MODULE}; printf 'srcversion=%s\\0' "$(uname -n)" > debian/ko/info; objcopy --add-section .note.host=debian/ko/info debian/ko/x.ko "$OUT/counted.ko"`,
    cause: 'hostname',
    surrounding: 'hostname',
  },
];
