import { parseSha256, type Sha256 } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import type { SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { onlyStanza } from './paragraph.ts';
import type { Stanza } from './stanza.ts';
import { parseVersion } from './version.ts';

export type DscFile = { readonly name: string; readonly size: number; readonly sha256: Sha256 };

/** A Debian source package, from its .dsc or from its stanza in Sources (dsc(5)). */
export type Dsc = {
  readonly source: string;
  readonly version: string;
  readonly format: string; // 1.0, 3.0 (quilt) …
  readonly directory: string | undefined; // below the archive's root; only in Sources
  readonly files: readonly DscFile[]; // in the order of Checksums-Sha256; in Sources the .dsc itself is among them
  readonly stanza: Stanza; // for Build-Depends and the like
};

/** A plain file name: nothing that leads out of the folder in which it is put, or hides there. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_+.~:%=@-]*$/;

/** Reads the text of a .dsc. The signature around it is taken off and not verified: the file's own digest is what counts. */
export function parseDsc(file: SourceText): Result<Dsc> {
  const only = onlyStanza(file, 'A .dsc', { kind: 'usage', reason: 'dsc-malformed' });
  return only.ok ? dscOf(only.value) : only;
}

/**
 * Reads a source package from its stanza.
 *
 * @returns a `usage` failure (dsc-malformed, dsc-no-sha256) with its place
 */
export function dscOf(stanza: Stanza): Result<Dsc> {
  const source = stanza.get('Source') ?? stanza.get('Package');
  const version = stanza.get('Version');
  if (source === undefined || !/^[a-z0-9][a-z0-9+.-]*$/.test(source))
    return fail(problem(stanza, 'Source', 'dsc-malformed', 'There is no proper name of a source package.'));
  if (version === undefined || parseVersion(version) === undefined)
    return fail(problem(stanza, 'Version', 'dsc-malformed', `The source package ${source} has no proper version.`));
  const files = listedFiles(stanza, 'dsc');
  if (!files.ok) return files;
  return ok({ source, version, format: stanza.get('Format') ?? '1.0', directory: stanza.get('Directory'), files: files.value, stanza });
}

/**
 * The files of a stanza's Checksums-Sha256, in its order. Their names lead nowhere: they are plain ones.
 *
 * @returns a `usage` failure with its place: dsc-no-sha256 or changes-no-sha256 when there are none, dsc-malformed or changes-malformed
 */
export function listedFiles(stanza: Stanza, kind: 'dsc' | 'changes' | 'buildinfo'): Result<readonly DscFile[]> {
  const lines = stanza.lines('Checksums-Sha256');
  if (lines.length === 0)
    return fail(problem(stanza, 'Checksums-Sha256', `${kind}-no-sha256`, `This .${kind} lists no files with their SHA-256.`));
  const files: DscFile[] = [];
  for (const line of lines) {
    const [digest = '', size = '', name = '', ...rest] = line.split(/\s+/);
    const sha256 = parseSha256(digest);
    if (sha256 === undefined || !/^[0-9]{1,15}$/.test(size) || !FILE_NAME.test(name) || rest.length > 0) {
      const message = `"${escapeControl(line.slice(0, 120))}" is not the digest, size and name of a file.`;
      return fail({ kind: 'usage', reason: `${kind}-malformed`, message, at: stanza.within('Checksums-Sha256', line) });
    }
    if (files.some((file) => file.name === name)) {
      const message = `${name} is listed twice.`;
      return fail({ kind: 'usage', reason: `${kind}-malformed`, message, at: stanza.within('Checksums-Sha256', line) });
    }
    files.push({ name, size: Number(size), sha256 });
  }
  return ok(files);
}

function problem(stanza: Stanza, field: string, reason: string, message: string): Failure {
  return {
    kind: 'usage',
    reason,
    message: stanza.field(field) === undefined ? `${message} The field ${field} is missing.` : message,
    at: stanza.at(field),
  };
}
