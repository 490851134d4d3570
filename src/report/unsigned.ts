import { escapeControl } from '../base/escape.ts';
import type { UnsignedVerdict } from '../deb/unsigned.ts';
import type { Paint } from './paint.ts';

const WORDS = {
  'equal-unsigned': 'equal but for the signature',
  different: 'differs, without the signature too',
  'only-in-first': 'only in the first build',
  'only-in-second': 'only in the second build',
} as const;

/** What two packages have in common without the signatures of kernel modules, module by module. */
export function unsignedText(verdicts: readonly UnsignedVerdict[], paint: Paint): string {
  return verdicts.flatMap((verdict) => linesOf(verdict, paint).map((line) => `${line}\n`)).join('');
}

function linesOf({ name, verdict, modules, others }: UnsignedVerdict, paint: Paint): string[] {
  const sign = verdict === 'equal-unsigned' ? paint.green('≈') : paint.red('≠');
  const equal = modules.filter((one) => one.verdict === 'equal').length;
  return [
    `${sign} ${escapeControl(name)}  ${verdict === 'equal-unsigned' ? 'equal but for the signatures of modules' : 'differs without the signatures of modules, too'}`,
    ...modules.flatMap((one) => (one.verdict === 'equal' ? [] : [`    ${escapeControl(one.module)}: ${WORDS[one.verdict]}`])),
    ...(equal > 0 ? [`    ${equal} more modules are equal`] : []),
    ...others.map((other) => `    ${escapeControl(other)}: differs${about(other)}`),
  ];
}

/** What holds the certificate of the key differs with the key, and what a signature covers does not end there. */
function about(path: string): string {
  if (/(^|\/)vmlinu[xz][^/]*$/.test(path)) return '; the certificate of the key that signs modules is in it, and counts';
  return /(^|\/)certs\/signing_key\.x509$/.test(path) ? '; it is the certificate of the key that signs modules, and counts' : '';
}
