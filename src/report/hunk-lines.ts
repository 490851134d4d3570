import { escapeControl } from '../base/escape.ts';
import type { Hunk } from '../deb/types.ts';
import type { Paint } from './paint.ts';

/** The first lines of a unified diff, escaped and coloured; says how many hunks are left out, as far as that is known. */
export function hunkLines(hunks: readonly Hunk[], beyond: number, most: number, paint: Paint): readonly string[] {
  const lines: string[] = [];
  let left = beyond;
  for (const [index, hunk] of hunks.entries()) {
    if (lines.length + 2 > most) {
      left = hunks.length - index + beyond;
      break;
    }
    lines.push(paint.dim(`@@ line ${hunk.first === hunk.second ? hunk.first : `${hunk.first} / ${hunk.second}`} @@`));
    const room = most - lines.length;
    const shown = hunk.lines.length <= room ? hunk.lines : shortened(hunk.lines, room - 1);
    lines.push(...shown.map((line) => painted(line, paint)));
    const cut = hunk.lines.length - shown.length;
    if (cut > 0) lines.push(paint.dim(`… ${cut} more ${cut === 1 ? 'line' : 'lines'}`));
  }
  if (left > 0) lines.push(paint.dim(`… and ${left} more ${left === 1 ? 'place' : 'places'}`));
  return lines;
}

/** The start of a hunk, with something of both sides where both have something. */
function shortened(lines: readonly string[], room: number): readonly string[] {
  const start = lines.findIndex((line) => !line.startsWith(' '));
  const [removed, added] = ['-', '+'].map((sign) => lines.filter((line) => line.startsWith(sign)).length) as [number, number];
  const fromFirst = Math.min(removed, Math.max(Math.ceil(room / 2), room - added));
  const left = { '-': fromFirst, '+': room - fromFirst };
  return lines.slice(start).filter((line) => {
    const sign = line.charAt(0);
    if (sign !== '-' && sign !== '+') return false;
    left[sign] -= 1;
    return left[sign] >= 0;
  });
}

function painted(line: string, paint: Paint): string {
  const text = line.charAt(0) + line.slice(1).split('\t').map(escapeControl).join('\t');
  if (line.startsWith('-')) return paint.red(text);
  return line.startsWith('+') ? paint.green(text) : text;
}
