import { escapeControl } from '../base/escape.ts';
import type { DeepLook } from '../deep/types.ts';
import type { Paint } from './paint.ts';
import { secondsText } from './units.ts';

/**
 * What diffoscope said of each artefact, as lines for people. Text from outside is escaped.
 *
 * @param mostLines of its text form for each artefact
 */
export function deepText(looks: readonly DeepLook[], paint: Paint, mostLines: number): string {
  return looks.flatMap((look) => lookLines(look, paint, mostLines).map((line) => `${line}\n`)).join('');
}

function lookLines(look: DeepLook, paint: Paint, mostLines: number): readonly string[] {
  const given = look.given.length === 0 ? '' : `, ${look.given.length} ${look.given.length === 1 ? 'file' : 'files'} of it`;
  const by = paint.dim(`${look.tool ?? 'diffoscope'}, ${secondsText(look.wallSeconds)}${given}`);
  const shown = look.excerpt.slice(0, mostLines);
  const more = look.excerpt.length - shown.length + look.more;
  const where = look.files.txt ?? look.files.html;
  const equal = look.end === 'equal' ? ['     it finds no difference'] : [];
  return [
    `${paint.bold('deep')} ${escapeControl(look.name)}  ${by}`,
    ...equal,
    ...shown.map((line) => `     ${painted(escapeControl(line), paint)}`),
    ...(more > 0 ? [`     ${paint.dim(`and ${more} more lines${where ? ` in ${escapeControl(where)}` : ''}`)}`] : []),
    ...(look.message === null ? [] : [`     ${paint.yellow(escapeControl(look.message))}`]),
    ...(look.missing.length === 0 ? [] : [`     helpers that it missed: ${look.missing.map(helperText).join(', ')}`]),
  ];
}

/** Lines of a unified diff in its tree of bars: `│ │ -old`. */
function painted(line: string, paint: Paint): string {
  const sign = /^[│ ]*([-+])/.exec(line)?.[1];
  return sign === '-' ? paint.red(line) : sign === '+' ? paint.green(line) : line;
}

function helperText({ helper, package: wanted }: DeepLook['missing'][number]): string {
  return escapeControl(wanted === null ? helper : `${helper} (${wanted})`);
}
