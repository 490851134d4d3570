import { posix } from 'node:path';
import { quote } from './quote.ts';

/** Where inputs lie in the container. They belong to root and cannot be changed by a build. */
export const INPUTS = '/build/inputs';

/** A source as the unpack step sees it; `file` is below INPUTS. */
export type Unpacked =
  | { readonly kind: 'dsc'; readonly file: string; readonly into: string } // into: absolute, does not exist
  | { readonly kind: 'tarball'; readonly file: string; readonly into: string } // first component stripped
  | { readonly kind: 'folder'; readonly file: string; readonly into: string; readonly epochSeconds?: number }; // epochSeconds: the date of everything in it; undefined: 1970

/**
 * The first line of a step that lays out the tree of a build whose clock is moved. Both builds start from the same tree; and libfaketime 0.9.10 gives a
 * utime(2) without times, with which dpkg-source begins to apply patches, whatever stands in memory, which the kernel mostly refuses.
 */
export const TRUE_CLOCK = 'unset LD_PRELOAD FAKETIME FAKETIME_DONT_FAKE_MONOTONIC # the clock is moved behind this step';

/** Applies the patches of a packaging in a tree as dpkg-buildpackage would, which then has none to apply, and none to take back. */
export function preparationScript(tree: string): string {
  return `cd ${quote(tree)}\n[ ! -e debian/source/format ] || dpkg-source --no-unapply-patches --before-build .`;
}

export type Series = { readonly file: string; readonly into: string };

// The source tree is what both builds start from, so it is laid out under the same umask in both.
const SAME_UMASK = 'umask 022 # both builds get the same tree';

/**
 * Lays out the source tree. Signatures and digests are not looked at again: the lock holds the digest of each file, and the runner
 * checked it. Source packages are hostile until a build has run them, which is why this happens in the container.
 */
export function unpackScript(sources: readonly Unpacked[]): string {
  return [
    SAME_UMASK,
    ...sources.flatMap((source) =>
      unpackLines(
        source,
        sources.some(({ into }) => source.into.startsWith(`${into}/`)),
      ),
    ),
  ].join('\n');
}

/** A source package gets its files beside its tree, where dpkg-buildpackage looks for them, unless that would be inside of another tree. */
function unpackLines(source: Unpacked, nested: boolean): readonly string[] {
  const { kind, file, into } = source;
  const from = quote(posix.join(INPUTS, file));
  const to = quote(into);
  switch (kind) {
    case 'dsc':
      return [
        `mkdir -p ${quote(posix.dirname(into))}`,
        `cd ${quote(posix.dirname(into))}`,
        `dpkg-source --no-check ${nested ? '--no-copy ' : ''}--extract ${from} ${to}`,
      ];
    case 'tarball':
      return [
        `echo ${quote(`unpacking ${posix.basename(file)}`)}`,
        `mkdir -p ${to}`,
        `tar --extract --no-same-owner --strip-components=1 --directory=${to} --file=${from}`,
      ];
    case 'folder':
      return [
        `echo ${quote(`laying out ${posix.basename(file)}`)}`,
        `mkdir -p ${to}`,
        `tar --extract --no-same-owner --directory=${to} --file=${from}`,
        // Where a folder is all of the source, its files have a date that every format can write: zip knows none before 1980.
        ...(source.epochSeconds === undefined ? [] : [`find ${to} -exec touch --no-dereference --date=@${source.epochSeconds} {} +`]),
      ];
    default:
      return kind satisfies never;
  }
}

/**
 * Applies quilt series, one patch after the other, each reported, none with fuzz. What `series` may say is what quilt(1) reads: a
 * name, -pN, -R, comments. --forward, because --batch alone would take a patch that is already there for a reversed one.
 */
export function patchScript(series: readonly Series[]): string {
  return [SAME_UMASK, ...series.flatMap(seriesLines)].join('\n');
}

function seriesLines({ file, into }: Series, index: number): readonly string[] {
  const folder = `/tmp/series-${index + 1}`;
  return [
    `mkdir ${folder}`,
    `tar --extract --no-same-owner --directory=${folder} --file=${quote(posix.join(INPUTS, file))}`,
    `cd ${quote(into)}`,
    'while read -r name options || [ -n "$name" ]; do',
    "  case $name in '' | '#'*) continue ;; esac",
    '  strip=1 reverse=',
    `  for option in \${options%%#*}; do`,
    '    case $option in',
    `      -p[0-9]*) strip=\${option#-p} ;;`,
    '      -R) reverse=--reverse ;;',
    '      *) echo "series: the option $option of $name is not known" >&2; exit 1 ;;',
    '    esac',
    '  done',
    '  echo "applying $name"',
    `  patch --batch --forward --fuzz=0 --strip="$strip" $reverse --no-backup-if-mismatch --reject-file=- --input="${folder}/$name" </dev/null`,
    `done <${folder}/series`,
    `rm -rf ${folder}`, // the next step finds /tmp empty
  ];
}

/** A local folder of a recipe on a kept volume; `file` is below INPUTS. Changed: what it is now lies beside it, with NEW at its end. */
export type Relaid = { readonly file: string; readonly into: string; readonly changed: boolean };
export const NEW = '.new';

/**
 * Brings what changed in local folders into a tree that was built in: what all of them held together is compared with what they hold now, and only files that
 * are not the same are replaced or removed. They get the present time, so that make sees them. A file that a patch changed, too, stops it: what the patch made of it
 * would be lost.
 *
 * @param patched the path of a list of such files, absolute, one a line
 */
export function relayScript(folders: readonly Relaid[], tree: string, patched: string): string {
  const place = (side: string, into: string) => quote(posix.join(`${tree}.${side}`, posix.relative(tree, into)));
  const extract = (side: 'before' | 'now') =>
    folders.flatMap(({ file, into, changed }) => [
      `mkdir -p ${place(side, into)}`,
      `tar --extract --no-same-owner --directory=${place(side, into)} --file=${quote(posix.join(INPUTS, `${file}${changed && side === 'now' ? NEW : ''}`))}`,
    ]);
  const [before, now] = [quote(`${tree}.before`), quote(`${tree}.now`)];
  return [
    SAME_UMASK,
    `rm -rf ${before} ${now}`,
    ...extract('before'),
    ...extract('now'),
    `export BEFORE=${before} NOW=${now} TREE=${quote(tree)} PATCHED=${quote(patched)}`,
    `cd ${now}`,
    `find . ! -type d -exec sh -e -c '${LAY}' sh {} + || exit 1`,
    `cd ${before}`,
    `find . ! -type d -exec sh -e -c '${TAKE_AWAY}' sh {} +`,
    'cd /',
    `rm -rf ${before} ${now}`,
  ].join('\n');
}

const LAY = `for file; do
  if [ "$(stat --format="%F %a" "$BEFORE/$file" 2>/dev/null)" = "$(stat --format="%F %a" "$file")" ] &&
    diff --brief --no-dereference "$BEFORE/$file" "$file" >/dev/null; then continue; fi
  if grep --quiet --fixed-strings --line-regexp -e "$TREE/\${file#./}" "$PATCHED"; then
    echo "error: \${file#./} changed in its folder, and a patch changes it, too: begin anew" >&2
    exit 1
  fi
  echo "changed \${file#./}"
  mkdir -p "$(dirname "$TREE/$file")"
  rm -f "$TREE/$file"
  cp --no-dereference --preserve=mode "$file" "$TREE/$file"
done`;

const TAKE_AWAY = `for file; do
  if [ -e "$NOW/$file" ] || [ -h "$NOW/$file" ]; then continue; fi
  echo "gone \${file#./}"
  rm -f "$TREE/$file"
done`;

/** Makes every entry of the tree anew in the opposite order, so that a file system that remembers the order shows another one. */
export function shuffleScript(tree: string): string {
  const aside = `${tree}.in-the-first-order`;
  return [
    SAME_UMASK,
    `mv ${quote(tree)} ${quote(aside)}`,
    `mkdir ${quote(tree)}`,
    `cd ${quote(aside)}`,
    `find . -mindepth 1 -print0 | LC_ALL=C sort --zero-terminated --reverse |`,
    `  tar --create --format=posix --null --no-recursion --files-from=- --file=- |`,
    `  tar --extract --preserve-permissions --delay-directory-restore --directory=${quote(tree)} --file=-`,
    `cd /`,
    `rm -rf ${quote(aside)}`,
  ].join('\n');
}
