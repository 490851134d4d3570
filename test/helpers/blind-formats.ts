import type { Leak } from './leak.ts';

/** What builds with these packages at hand. */
export const FORMATS_NEED =
  'python3, python3-fonttools, zip, default-jdk-headless, squashfs-tools, sqlite3, cpio, ghostscript, groff, gnupg, ruby, gettext, genisoimage, imagemagick, zstd, pigz, lzip, openssl, libarchive-tools, e2fsprogs, xz-utils, bzip2';

export const NOW = 'env -u SOURCE_DATE_EPOCH';
export const MODES = 'chmod -R u=rwX,go=rX';

/** Formats as the programs that make them write them, without SOURCE_DATE_EPOCH where they would keep to it. */
export const FORMATS: Leak[] = [
  {
    file: 'module.pyc',
    body: `echo 'X = 1' > debian/module.py; ${NOW} python3 -c 'import py_compile, sys; py_compile.compile("debian/module.py", sys.argv[1], dfile="module.py")' "$OUT/module.pyc"`,
    cause: 'python-bytecode',
    surrounding: null,
    remedy: /compileall|py_compile|py3compile|ship/,
  },
  {
    file: '__pycache__/inner.cpython-311.pyc',
    body: `mkdir -p "$OUT/__pycache__" debian/pk; echo 'def f(): return 2' > debian/pk/inner.py; (cd debian; ${NOW} python3 -m compileall -q pk); cp debian/pk/__pycache__/*.pyc "$OUT/__pycache__/inner.cpython-311.pyc"`,
    cause: 'python-bytecode',
    surrounding: null,
    leaf: /inner/,
  },
  {
    file: 'wheel-1.0-py3-none-any.whl',
    body: `mkdir -p w/wheel w/wheel-1.0.dist-info; echo 'A = 1' > w/wheel/__init__.py; echo 'Name: wheel' > w/wheel-1.0.dist-info/METADATA; ${MODES} w; (cd w; TZ=UTC zip -X -q -r "$OUT/wheel-1.0-py3-none-any.whl" wheel wheel-1.0.dist-info)`,
    cause: 'file-time',
    surrounding: null,
    leaf: /wheel/,
    also: ['directory-order'],
  },
  {
    file: 'local.zip',
    body: `mkdir z; : > z/a; touch -d @1700000000 z/a; chmod 644 z/a; (cd z; zip -X -q "$OUT/local.zip" a)`,
    cause: 'file-time',
    surrounding: 'timezone',
    leaf: /^a$/,
  },
  {
    file: 'modes.zip',
    body: `mkdir zm; : > zm/a; touch -d @1700000000 zm/a; (cd zm; TZ=UTC zip -X -q "$OUT/modes.zip" a)`,
    cause: 'file-mode',
    surrounding: 'umask',
    leaf: /^a$/,
  },
  {
    file: 'level.zip',
    body: `seq 90000 > debian/numbers; chmod 644 debian/numbers; touch -d @1700000000 debian/numbers; (cd debian; TZ=UTC zip -X -q "-$(nproc)" "$OUT/level.zip" numbers)`,
    cause: 'compression',
    surrounding: null,
    leaf: /level\.zip|numbers/,
  },
  {
    file: 'tool.jar',
    body: `mkdir -p j; echo 'class T {}' > j/T.java; (cd j; javac T.java; ${MODES} .; ${NOW} TZ=UTC jar cf "$OUT/tool.jar" T.class)`,
    cause: 'file-time',
    surrounding: null,
    leaf: /META-INF|T\.class/,
  },
  {
    file: 'signed.jar',
    body: `mkdir -p js; echo hello > js/a.txt; touch -d @1700000000 js/a.txt; (cd js; chmod 644 a.txt; TZ=UTC zip -X -q s.jar a.txt; keytool -genkeypair -alias k -keyalg EC -dname CN=x -storepass secret -keystore ks -noprompt 2>/dev/null; jarsigner -keystore ks -storepass secret s.jar k >/dev/null; cp s.jar "$OUT/signed.jar")`,
    cause: 'signature',
    surrounding: null,
    leaf: /META-INF|signed/,
    also: ['file-time', 'random'],
  },
  {
    file: 'doc.html',
    body: `mkdir -p jd; echo '/** Doc. */ public class D {}' > jd/D.java; (cd jd; ${NOW} javadoc -quiet -d out D.java >/dev/null 2>&1); cp jd/out/D.html "$OUT/doc.html"`,
    cause: 'timestamp',
    surrounding: null,
    remedy: /notimestamp/,
    also: ['translation', 'locale-date', 'locale', 'timezone'],
  },
  {
    file: 'thing-1.0.gem',
    body: `mkdir gem; printf '%s\\n' 'Gem::Specification.new do |s|' 's.name="thing"; s.version="1.0"; s.summary="s"; s.authors=["a"]; s.files=["a.rb"]' 'end' > gem/thing.gemspec; echo 1 > gem/a.rb; chmod 644 gem/*; (cd gem; ${NOW} gem build -q thing.gemspec >/dev/null 2>&1); cp gem/thing-1.0.gem "$OUT/"`,
    cause: 'file-time',
    surrounding: null,
    leaf: /./,
    also: ['gzip-time', 'timestamp', 'random'],
  },
  {
    file: 'page.pdf',
    body: `echo '%!PS\n/Times-Roman findfont 20 scalefont setfont 50 50 moveto (hello) show showpage' > debian/p.ps; ${NOW} ps2pdf debian/p.ps "$OUT/page.pdf"`,
    cause: 'timestamp',
    surrounding: null,
    leaf: /pdf/,
    also: ['document-id', 'timezone'],
  },
  {
    file: 'manual.pdf',
    body: `printf '.TH X 1\\n.SH NAME\\nx\\n' > debian/x.1; ${NOW} groff -man -Tps debian/x.1 > "$OUT/manual.pdf"`,
    cause: 'timestamp',
    surrounding: null,
    also: ['timezone'],
  },
  {
    file: 'dot.png',
    body: `${NOW} convert -size 2x2 xc:red "$OUT/dot.png"`,
    cause: 'timestamp',
    surrounding: null,
    leaf: /tEXt|tIME|png/,
    also: ['file-time', 'timezone'],
  },
  {
    file: 'font.ttf',
    body: `${NOW} python3 -c 'import sys
from fontTools.fontBuilder import FontBuilder
b = FontBuilder(1024, isTTF=True); b.setupGlyphOrder([".notdef"]); b.setupCharacterMap({}); b.setupGlyf({".notdef": __import__("fontTools.ttLib.tables._g_l_y_f", fromlist=["Glyph"]).Glyph()})
b.setupHorizontalMetrics({".notdef": (500, 0)}); b.setupHorizontalHeader(); b.setupNameTable({"familyName": "x", "styleName": "y"}); b.setupOS2(); b.setupPost(); b.save(sys.argv[1])' "$OUT/font.ttf"`,
    cause: 'timestamp',
    surrounding: null,
    leaf: /^head$/,
  },
  {
    file: 'root.squashfs',
    body: `mkdir sq; : > sq/a; ${MODES} sq; find sq -exec touch -d @1700000000 {} +; ${NOW} mksquashfs sq "$OUT/root.squashfs" -all-root -quiet -no-progress`,
    cause: 'binary-timestamp',
    surrounding: null,
    also: ['file-time'],
  },
  {
    file: 'owned.squashfs',
    body: `mkdir so; : > so/a; ${MODES} so; find so -exec touch -d @1700000000 {} +; ${NOW} mksquashfs so "$OUT/owned.squashfs" -mkfs-time 0 -quiet -no-progress`,
    cause: 'file-owner',
    surrounding: 'user',
    beyond: 'squashfs keeps owners packed; nothing looks into it',
    also: ['user'],
  },
  {
    file: 'disk.ext4',
    body: `truncate -s 2M debian/d.img; ${NOW} /sbin/mke2fs -q -t ext4 debian/d.img; mv debian/d.img "$OUT/disk.ext4"`,
    cause: 'binary-timestamp',
    surrounding: null,
    also: ['random', 'uuid'],
  },
  {
    file: 'cd.iso',
    body: `mkdir iso; echo 1 > iso/a; ${MODES} iso; find iso -exec touch -d @1700000000 {} +; ${NOW} TZ=UTC genisoimage -quiet -o "$OUT/cd.iso" iso`,
    cause: 'timestamp',
    surrounding: null,
    also: ['binary-timestamp', 'file-owner'],
  },
  {
    file: 'notes.sqlite',
    body: `sqlite3 debian/n.db "create table t(at text); insert into t values(strftime('%Y-%m-%d %H:%M:%f','now'))"; cp debian/n.db "$OUT/notes.sqlite"`,
    cause: 'timestamp',
    surrounding: null,
  },
  {
    file: 'template.pot',
    body: `echo 'int main(){gettext("hi");}' > debian/g.c; ${NOW} xgettext -o "$OUT/template.pot" debian/g.c`,
    cause: 'timestamp',
    surrounding: 'timezone',
    also: ['timestamp', 'timezone', 'timezone-name'],
  },
];
