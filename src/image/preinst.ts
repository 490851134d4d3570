import { type Sha256, sha256 } from '../base/digest.ts';
import { KNOWN_PREINSTS } from './known-preinsts.ts';

/**
 * Whether a preinst would do nothing when its package is installed on a system that never had it: it is in the list of scripts that
 * somebody read, by the digest of its bytes, or it holds nothing but what debhelper generates for upgrades.
 *
 * Whatever is not known is run, by us or by dpkg; a wrong "no" costs a second, a wrong "yes" would make a wrong image.
 */
export function doesNothing(script: string, digest: Sha256 = sha256(script)): boolean {
  return digest in KNOWN_PREINSTS || isGenerated(script);
}

const SHEBANG = /^#! ?\/bin\/(?:ba|da)?sh(?: -e)?$/;
const QUIET = /^(?:#.*|set -e|set -eu|exit 0|)$/;
// `install` without an old version: rm_conffile and mv_conffile compare with `le-nl`, for which no version is later than any;
// symlink_to_dir and dir_to_symlink want a version (dpkg-maintscript-helper(1)).
const HELPER =
  /^dpkg-maintscript-helper (?:rm_conffile|mv_conffile|symlink_to_dir|dir_to_symlink)(?: (?:[A-Za-z0-9/._:+@,=~-]|\\[~+])+)+ -- "\$@"$/;
// dh_installinit, autoscripts/preinst-init-*: for a package that was removed but not purged.
const INIT_IF = /^if \[ "\$1" = "install" \] && \[ -n "\$2" \] && \[ -e "\/etc\/init\.d\/[A-Za-z0-9._+-]+" \] ; then$/;
const INIT_THEN = /^\tchmod \+x "\/etc\/init\.d\/[A-Za-z0-9._+-]+" >\/dev\/null \|\| true$/;

/** Line by line and by strict forms only: a line that is not one of them, or not in its place, makes the whole script unknown. */
function isGenerated(script: string): boolean {
  const [first = '', ...lines] = script.split('\n').map((line) => line.trimEnd());
  if (!SHEBANG.test(first)) return false;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (QUIET.test(line) || HELPER.test(line)) continue;
    if (!INIT_IF.test(line) || !INIT_THEN.test(lines[at + 1] ?? '') || lines[at + 2] !== 'fi') return false;
    at += 2;
  }
  return true;
}
