import type { Leak } from './leak.ts';

/** What makes and signs modules here. */
export const MODULE_NEEDS = 'openssl, xz-utils, zstd';

// As the kernel's scripts/sign-file does: a PKCS#7 message, a struct module_signature that says how long it is, and the magic.
const SIGN = `module() { [ -e debian/m.ko ] || {
  printf '%s\\n' '#define INFO(name, text) static const char name[] __attribute__((section(".modinfo"), used)) = text' 'INFO(a, "license=GPL");' 'INFO(b, "vermagic=6.1.0 SMP");' 'int init_module(void) { return 0; }' > debian/m.c
  gcc -c -o debian/m.ko debian/m.c
  openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj '/CN=Build time key' -keyout debian/mk.pem -out debian/mc.pem 2>/dev/null
}; }
signed() {
  module
  openssl cms -sign -binary -noattr -nocerts -md sha256 -in debian/m.ko -signer debian/mc.pem -inkey debian/mk.pem -outform DER -out debian/m.p7
  size=$(stat -c %s debian/m.p7)
  { cat debian/m.ko debian/m.p7; printf '\\000\\000\\002\\000\\000\\000\\000\\000\\000\\000'; printf "$(printf '\\\\%03o\\\\%03o' $((size / 256)) $((size % 256)))"; printf '~Module signature appended~\\n'; }
}`;

/** Kernel modules that are signed with a key of the build, or speak of it. */
export const MODULES: Leak[] = [
  {
    file: 'signed.ko',
    body: `${SIGN}\nsigned > "$OUT/signed.ko"`,
    cause: 'signature',
    surrounding: null,
    leaf: /^module signature$/,
    remedy: /sign-modules/,
  },
  {
    file: 'signed.ko.xz',
    body: 'signed | xz --check=crc32 -T1 > "$OUT/signed.ko.xz"',
    cause: 'signature',
    surrounding: null,
    leaf: /^module signature$/,
  },
  {
    file: 'signed.ko.zst',
    body: 'signed | zstd -q -19 > "$OUT/signed.ko.zst"',
    cause: 'signature',
    surrounding: null,
    leaf: /^module signature$/,
  },
  {
    file: 'host.ko',
    body: `module; printf 'builder=%s\\0' "$(uname -n)" > debian/info; objcopy --dump-section .modinfo=debian/old debian/m.ko debian/x.ko; cat debian/old debian/info > debian/new; objcopy --update-section .modinfo=debian/new debian/m.ko "$OUT/host.ko"`,
    cause: 'hostname',
    surrounding: 'hostname',
    leaf: /^\.modinfo$/,
  },
  {
    file: 'level.ko.zst',
    body: 'module; zstd -q "-$(( $(nproc) == 2 ? 1 : 19 ))" -c debian/m.ko > "$OUT/level.ko.zst"',
    cause: 'compression',
    surrounding: 'cpus',
    leaf: /header|level/,
  },
];
