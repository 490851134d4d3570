import { open } from 'node:fs/promises';
import type { Location, SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';

/** No recipe or container that a person wrote comes near this; what does is not one. */
const MOST_BYTES = 256 * 1024;

/**
 * Reads a file that a person wrote, as UTF-8 with LF line ends. A byte order mark in front is left out, CR LF becomes LF.
 *
 * @param path absolute
 * @param name under which the file is shown to people
 * @param lenient takes a sign that is not UTF-8 for U+FFFD, and control characters as they are: for changelogs, whose old entries have both
 * @returns a usage failure when it is missing, is no file, is too large, is not UTF-8, or holds control characters
 */
export async function readText(
  path: string,
  name: string,
  { mostBytes = MOST_BYTES, lenient = false }: { readonly mostBytes?: number; readonly lenient?: boolean } = {},
): Promise<Result<SourceText>> {
  let bytes: Buffer;
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat().then((stat) => (stat.isFile() ? stat : { size: -1 }));
    if (size < 0) return fail(unreadable('not-a-file', `${name} is not a file`));
    if (size > mostBytes) return fail(unreadable('file-too-large', `${name} has ${size} bytes; more than ${mostBytes} are not read`));
    bytes = await file.readFile();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be read (${code})`;
    return fail({ ...unreadable('file-unreadable', `${name} ${why}`), cause: error });
  }
  return lenient ? ok({ name, text: normal(new TextDecoder('utf-8').decode(bytes)) }) : decodeText(bytes, name);
}

/** The text that bytes spell; see readText. */
export function decodeText(bytes: Uint8Array, name: string): Result<SourceText> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // leaves a byte order mark out
  } catch {
    const source = { name, text: normal(new TextDecoder('utf-8').decode(bytes)) };
    const at = source.text.indexOf('\ufffd');
    return fail({ ...unreadable('not-utf8', 'The file is not UTF-8 here'), at: place(source, at) });
  }
  const source: SourceText = { name, text: normal(text) };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const control = source.text.search(/[\u0000-\u0008\u000b-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/);
  if (control === -1) return ok(source);
  const code = source.text.charCodeAt(control).toString(16).padStart(4, '0');
  return fail({
    ...unreadable('control-character', `The control character U+${code.toUpperCase()} has no place in this file`),
    at: place(source, control),
  });
}

function normal(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

function place(source: SourceText, offset: number): Location {
  return { source, start: offset, end: offset + 1 };
}

function unreadable(reason: string, message: string): Failure {
  return { kind: 'usage', reason, message };
}
