import type { Leak } from './leak.ts';

const FILES = 'mkdir -p "tree/$n"; for i in $(seq 40); do echo $i > "tree/$n/$i.txt"; done; chmod 644 tree/$n/*; chmod 755 tree/$n';
const STILL = '--mtime=@1700000000 --owner=0 --group=0 --numeric-owner';

export const ARCHIVES: Leak[] = [
  {
    file: 'listed',
    body: 'mkdir d; for i in $(seq 40); do : > "d/$i"; done; ls -U d > "$OUT/listed"',
    cause: 'directory-order',
    surrounding: 'directory-order',
    remedy: /sort/,
  },
  {
    file: 'found',
    body: `n=found; ${FILES}; find tree/found -type f > "$OUT/found"`,
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
