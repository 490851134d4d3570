import { posix } from 'node:path';
import { INPUTS, NEW } from './builtin.ts';
import { quote } from './quote.ts';

/** A quilt series that was applied to a tree; `file` is below INPUTS. Changed: what it is now lies beside it, with NEW at its end. */
export type Repatched = { readonly file: string; readonly into: string; readonly changed: boolean };

/** Writes every file that these series name into a list, absolute, one a line. */
export function listPatchedScript(series: readonly Repatched[], tree: string): string {
  return [
    ...beginning(tree),
    `: >${quote(patchedList(tree))}`,
    ...series.map(({ file, into }) => `list ${quote(posix.join(INPUTS, file))} ${quote(into)} >>${quote(patchedList(tree))}`),
    ...end,
  ].join('\n');
}

/** Where listPatchedScript leaves its list. */
export function patchedList(tree: string): string {
  return `${tree}.patched`;
}

/**
 * Brings changed series into a tree that was patched with the old ones, and built in. Patches from the first one on that is not what it was are taken back, the last
 * first, and those of now are applied, in a copy of the files that they name. Only when all of that went well, files that came out otherwise go into the tree,
 * with the present time, so that make sees them and no others.
 */
export function repatchScript(series: readonly Repatched[], tree: string): string {
  const changed = series.filter((one) => one.changed);
  return [
    ...beginning(tree),
    ...changed.map(({ file, into }) => `repatch ${quote(posix.join(INPUTS, file))} ${quote(into)}`),
    'lay',
    ...end,
  ].join('\n');
}

function beginning(tree: string): readonly string[] {
  return ['umask 022', `work=${quote(`${tree}.patching`)}`, 'rm -rf "$work"', 'mkdir "$work"', FUNCTIONS];
}

const end = ['cd /', 'rm -rf "$work"'];

// A line of `all` is the folder that a series goes to, and a file below it.
const FUNCTIONS = `
entries() {
  while read -r name options || [ -n "$name" ]; do
    case $name in '' | '#'*) continue ;; esac
    strip=1 reverse=
    for option in \${options%%#*}; do
      case $option in
        -p[0-9]*) strip=\${option#-p} ;;
        -R) reverse=--reverse ;;
        *) echo "error: the option $option of $name in series is not known" >&2; exit 1 ;;
      esac
    done
    echo "$name $strip $reverse"
  done <"$1/series"
}
line() { sed -n "$2p" "$work/$1.list"; }
named() {
  while read -r name strip reverse; do
    sed -n 's/^\\(---\\|+++\\) \\([^\\t]*\\).*$/\\2/p' "$work/$1/$name" | sed -E "s,^([^/]*/+){$strip},,"
    sed -n 's/^rename \\(from\\|to\\) //p' "$work/$1/$name"
  done <"$work/$2" | sed '/^\\//d; /\\(^\\|\\/\\)\\.\\.\\(\\/\\|$\\)/d; /^$/d'
}
list() {
  rm -rf "$work/before"
  mkdir "$work/before"
  tar --extract --no-same-owner --directory="$work/before" --file="$1"
  entries "$work/before" >"$work/before.list"
  named before before.list | while IFS= read -r file; do printf '%s\\n' "$2/$file"; done
}
apply() {
  patch --batch --forward --fuzz=0 --strip="$2" $3 --no-backup-if-mismatch --reject-file=- --input="$1" </dev/null
}
repatch() {
  into=$2
  rm -rf "$work/before" "$work/now"
  mkdir -p "$work/before" "$work/now" "$work/tree$into"
  tar --extract --no-same-owner --directory="$work/before" --file="$1"
  tar --extract --no-same-owner --directory="$work/now" --file="$1${NEW}"
  entries "$work/before" >"$work/before.list"
  entries "$work/now" >"$work/now.list"
  at=1
  while [ -n "$(line before $at)" ] && [ "$(line before $at)" = "$(line now $at)" ]; do
    name=$(line now $at)
    cmp -s "$work/before/\${name%% *}" "$work/now/\${name%% *}" || break
    at=$((at + 1))
  done
  tail -n "+$at" "$work/before.list" | tac >"$work/undo"
  tail -n "+$at" "$work/now.list" >"$work/do"
  { named before undo; named now do; } | LC_ALL=C sort -u >"$work/files"
  cd "$work/tree$into"
  while IFS= read -r file; do
    printf '%s\\t%s\\n' "$into" "$file" >>"$work/all"
    if [ -e "$file" ] || [ ! -f "$into/$file" ]; then continue; fi
    mkdir -p "$(dirname "$file")"
    cp --preserve=mode "$into/$file" "$file"
  done <"$work/files"
  while read -r name strip reverse; do
    echo "taking back $name"
    if [ -n "$reverse" ]; then turned=; else turned=--reverse; fi
    apply "$work/before/$name" "$strip" "$turned" || {
      echo "error: the patch $name cannot be taken back, because what it changed was changed after it" >&2
      exit 1
    }
  done <"$work/undo"
  while read -r name strip reverse; do
    echo "applying $name"
    apply "$work/now/$name" "$strip" "$reverse" || { echo "error: the patch $name does not apply" >&2; exit 1; }
  done <"$work/do"
}
lay() {
  [ -e "$work/all" ] || return 0
  cd "$work"
  LC_ALL=C sort -u all >sorted
  while IFS='	' read -r into file; do
    new=$work/tree$into/$file old=$into/$file
    if [ -f "$new" ]; then
      if cmp -s "$new" "$old" && [ "$(stat --format=%a "$new")" = "$(stat --format=%a "$old")" ]; then continue; fi
      echo "changed $file"
      mkdir -p "$(dirname "$old")"
      rm -f "$old"
      cp --preserve=mode "$new" "$old"
    elif [ -f "$old" ]; then
      echo "gone $file"
      rm -f "$old"
    fi
  done <sorted
}
`;
