import { MODES, NOW } from './blind-formats.ts';
import type { Leak } from './leak.ts';

/** The second lot of formats; built with what the first one needs. */
export const FRESH_FORMATS: Leak[] = [
  {
    file: 'opt.pyc',
    body: `echo 'def g(): return 3' > debian/o.py; ${NOW} python3 -O -c 'import py_compile, sys; py_compile.compile("debian/o.py", sys.argv[1], dfile="o.py")' "$OUT/opt.pyc"`,
    cause: 'python-bytecode',
    surrounding: null,
  },
  {
    file: 'egg.zip',
    body: `mkdir -p eg/pkg; echo 'B = 1' > eg/pkg/b.py; ${NOW} python3 -m compileall -q eg/pkg; ${MODES} eg; (cd eg; find . -exec touch -d @1700000000 {} +; find pkg -name '*.pyc' | LC_ALL=C sort | TZ=UTC zip -X -q -@ "$OUT/egg.zip")`,
    cause: 'python-bytecode',
    surrounding: null,
  },
  {
    file: 'py-zipfile.zip',
    body: `python3 -c 'import zipfile, sys; zipfile.ZipFile(sys.argv[1], "w").writestr("a.txt", "hello")' "$OUT/py-zipfile.zip"`,
    cause: 'file-time',
    surrounding: null,
  },
  {
    file: 'py-tarfile.tar',
    body: `echo 1 > debian/pt; chmod 644 debian/pt; touch -d @1700000000 debian/pt; python3 -c 'import tarfile, sys; tarfile.open(sys.argv[1], "w").add("debian/pt", "pt")' "$OUT/py-tarfile.tar"`,
    cause: 'file-owner',
    surrounding: 'user',
  },
  {
    file: 'nested.jar',
    body: `mkdir -p nj; echo 'class N {}' > nj/N.java; (cd nj; javac N.java; touch -d @1700000000 N.class; chmod 644 N.class; TZ=UTC zip -X -q in.jar N.class; touch in.jar; TZ=UTC zip -X -0 -q "$OUT/nested.jar" in.jar)`,
    cause: 'file-time',
    surrounding: null,
    also: ['file-mode'],
  },
  {
    file: 'props.jar',
    body: `mkdir -p pj; echo "#$(LC_ALL=C date)" > pj/build.properties; touch -d @1700000000 pj/build.properties; chmod 644 pj/build.properties; (cd pj; TZ=UTC zip -X -q "$OUT/props.jar" build.properties)`,
    cause: 'timestamp',
    surrounding: null,
  },
  {
    file: 'pic.png',
    body: `python3 -c 'import zlib, struct, time, sys
def c(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
g = time.gmtime()
open(sys.argv[1], "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + c(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) + c(b"tIME", struct.pack(">HBBBBB", *g[:6])) + c(b"IDAT", zlib.compress(b"\\0\\0")) + c(b"IEND", b""))' "$OUT/pic.png"`,
    cause: 'timestamp',
    surrounding: null,
  },
  {
    file: 'groff.pdf',
    body: `printf '.TH X 1\\n.SH NAME\\nx\\n' > debian/y.1; ${NOW} groff -man -Tpdf debian/y.1 > "$OUT/groff.pdf"`,
    cause: 'timestamp',
    surrounding: null,
    also: ['timezone', 'document-id'],
  },
  {
    file: 'catalog.mo',
    body: `printf 'msgid ""\\nmsgstr "PO-Revision-Date: %s\\\\n"\\n' "$(date -u '+%Y-%m-%d %H:%M:%S+0000')" > debian/c.po; msgfmt -o "$OUT/catalog.mo" debian/c.po`,
    cause: 'timestamp',
    surrounding: null,
  },
  {
    file: 'times.squashfs',
    body: `mkdir ts; : > ts/a; ${MODES} ts; ${NOW} mksquashfs ts "$OUT/times.squashfs" -all-root -mkfs-time 0 -quiet -no-progress`,
    cause: 'binary-timestamp',
    surrounding: null,
    also: ['file-time'],
  },
  {
    file: 'zsquash',
    body: `mkdir zs; seq 9000 > zs/a; ${MODES} zs; find zs -exec touch -d @1700000000 {} +; ${NOW} mksquashfs zs "$OUT/zsquash" -all-root -mkfs-time 0 -comp xz -b "$((65536 * $(nproc) / 2 / 65536 * 65536))" -quiet -no-progress 2>/dev/null || ${NOW} mksquashfs zs "$OUT/zsquash" -all-root -mkfs-time 0 -b 131072 -quiet -no-progress`,
    cause: null,
    surrounding: null,
    also: ['compression', 'cpus'],
  },
  {
    file: 'kernel-initrd',
    body: `mkdir -p ki/bin; uname -n > ki/etc-hostname; echo x > ki/bin/x; ${MODES} ki; find ki -exec touch -d @1700000000 {} +; (cd ki; find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet --ignore-devno --renumber-inodes) | zstd -q -19 > "$OUT/kernel-initrd"`,
    cause: 'hostname',
    surrounding: 'hostname',
    leaf: /etc-hostname/,
  },
  {
    file: 'inodes.cpio',
    body: `mkdir -p ic; echo 1 > ic/a; ${MODES} ic; find ic -exec touch -d @1700000000 {} +; (cd ic; find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet --ignore-devno) > "$OUT/inodes.cpio"`,
    cause: null,
    surrounding: null,
    also: ['directory-order', 'file-system'],
  },
  {
    file: 'gz-in-zip.zip',
    body: `echo 5 > debian/gz.txt; gzip -c debian/gz.txt > debian/gz.txt.gz; chmod 644 debian/gz.txt.gz; touch -d @1700000000 debian/gz.txt.gz; (cd debian; TZ=UTC zip -X -0 -q "$OUT/gz-in-zip.zip" gz.txt.gz)`,
    cause: 'gzip-time',
    surrounding: null,
    leaf: /gzip header/,
  },
  {
    file: 'bzip.tar.bz2',
    body: `mkdir bt; : > bt/a; chmod 755 bt; chmod 644 bt/a; tar --sort=name --owner=0 --group=0 --numeric-owner -cj -f "$OUT/bzip.tar.bz2" bt`,
    cause: 'file-time',
    surrounding: null,
  },
  {
    file: 'lzma.tar.lzma',
    body: `mkdir lt; : > lt/a; ${MODES} lt; tar --sort=name --mtime=@1 -c lt | xz --format=lzma > "$OUT/lzma.tar.lzma"`,
    cause: 'file-owner',
    surrounding: 'user',
  },
  {
    file: 'pz.tar.zst',
    body: `mkdir pz; : > pz/a; chmod 755 pz; tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner -c pz | pzstd -q -c > "$OUT/pz.tar.zst"`,
    cause: 'file-mode',
    surrounding: 'umask',
  },
  { file: 'zlevel.zst', body: `seq 90000 | zstd -q "-$(nproc)" > "$OUT/zlevel.zst"`, cause: 'compression', surrounding: null },
  { file: 'long.xz', body: `seq 90000 | xz -T1 --lzma2=dict=$(( $(nproc) ))MiB > "$OUT/long.xz"`, cause: 'compression', surrounding: null },
  {
    file: 'selfsigned.der',
    body: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj /CN=y -outform DER -out "$OUT/selfsigned.der" 2>/dev/null`,
    cause: 'signature',
    surrounding: null,
  },
  { file: 'key.pem', body: `openssl genrsa -out "$OUT/key.pem" 1024 2>/dev/null`, cause: 'signature', surrounding: null },
  {
    file: 'inline.gpg',
    body: `export GNUPGHOME=$(mktemp -d); echo data > debian/inl; gpg -q --batch --passphrase '' --quick-gen-key z@example.org ed25519 sign never 2>/dev/null; gpg -q --batch -o "$OUT/inline.gpg" --sign debian/inl`,
    cause: 'signature',
    surrounding: null,
  },
  { file: 'pub.asc', body: `gpg -q --batch -a --export z@example.org > "$OUT/pub.asc"`, cause: 'signature', surrounding: null },
  { file: 'ruby-hash', body: `ruby -e 'puts "a".hash' > "$OUT/ruby-hash"`, cause: 'random', surrounding: null },
  { file: 'ruby-object', body: `ruby -e 'puts Object.new.inspect' > "$OUT/ruby-object"`, cause: 'address', surrounding: null },
  {
    file: 'java-hash',
    body: `mkdir jh; echo 'class H { public static void main(String[] a) { System.out.println(new java.util.UUID(0, 0).randomUUID()); } }' > jh/H.java; (cd jh; javac H.java; java H) > "$OUT/java-hash"`,
    cause: 'uuid',
    surrounding: null,
  },
  {
    file: 'json-dir',
    body: `mkdir jd2; for i in $(seq 30); do : > jd2/k$i.json; done; python3 -c 'import os, json; print(json.dumps({n: 1 for n in os.listdir("jd2")}, indent=1))' > "$OUT/json-dir"`,
    cause: 'directory-order',
    surrounding: 'directory-order',
  },
  {
    file: 'glob-py',
    body: `mkdir gp; for i in $(seq 30); do : > gp/t$i.txt; done; python3 -c 'import glob; print("\\n".join(glob.glob("gp/*.txt")))' > "$OUT/glob-py"`,
    cause: 'directory-order',
    surrounding: 'directory-order',
  },
  {
    file: 'frozen',
    body: `python3 -c 'print(frozenset("abcdefghijkl" for _ in [0]) | {"xyz", "uvw", "rst", "opq", "lmn"})' > "$OUT/frozen"`,
    cause: 'hash-order',
    surrounding: null,
  },
  {
    file: 'random.zip',
    body: `head -c 90 /dev/urandom > debian/rz.bin; chmod 644 debian/rz.bin; touch -d @1700000000 debian/rz.bin; (cd debian; TZ=UTC zip -X -q "$OUT/random.zip" rz.bin)`,
    cause: null,
    surrounding: null,
  },
  {
    file: 'random.pyc',
    body: `python3 -c 'import random; print("N =", random.randint(2, 200))' > debian/rp.py; touch -d @1700000000 debian/rp.py; python3 -c 'import py_compile, sys; py_compile.compile("debian/rp.py", sys.argv[1], dfile="rp.py", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)' "$OUT/random.pyc"`,
    cause: null,
    surrounding: null,
    also: ['python-bytecode', 'random'],
  },
];
