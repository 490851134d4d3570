import { escapeControl, visibleParts } from '../base/escape.ts';
import { type ManyReport, reasonText, STATUS_WORDS, standing } from './many.ts';
import { placesOfArtefact } from './places.ts';
import type { Report } from './report.ts';
import { counts } from './sentence.ts';

/** A remark on a line of a file, as GitHub shows it next to the code. */
export type Annotation = {
  readonly level: 'error' | 'warning' | 'notice';
  readonly file: string; // relative to the top of the repository
  readonly line: number; // 1-based
  readonly column?: number; // 1-based
  readonly title: string;
  readonly message: string; // lines with LF between; text from outside may be in it
};

/** GitHub shows ten of a kind for each step and drops the rest. */
const MOST = 10;
const MOST_PLACES = 8;

/** A workflow command as a line. Nothing in its values can end it, begin another or add a property, whatever signs they have. */
export function annotationLine({ level, file, line, column, title, message }: Annotation): string {
  const properties = [
    `file=${property(file)}`,
    `line=${line}`,
    ...(column === undefined ? [] : [`col=${column}`]),
    `title=${property(title)}`,
  ];
  return `::${level} ${properties.join(',')}::${data(message)}\n`;
}

/** One error for each output that differs, on the recipe's line. */
export function differenceAnnotations(report: Report, place: { readonly file: string; readonly line: number }): readonly Annotation[] {
  const differing = report.artefacts.filter(counts);
  return differing.slice(0, MOST).map((artefact, index) => {
    const beyond = index === MOST - 1 && differing.length > MOST ? [`and ${differing.length - MOST} more outputs`] : [];
    const places =
      artefact.verdict === 'different' ? placesOfArtefact(artefact, MOST_PLACES) : [`only in the ${artefact.verdict.slice(8)} build`];
    return {
      level: 'error',
      ...place,
      title: `${report.recipe.name} is not reproducible`,
      message: [`${escapeControl(artefact.name)} is not the same in both builds`, ...places, ...beyond].join('\n'),
    };
  });
}

/**
 * One error for each package of a list that has no good verdict, on its line.
 *
 * @param placeOf where the line of that package is; undefined when the list is no file
 */
export function listAnnotations(
  { results }: ManyReport,
  placeOf: (name: string) => { readonly file: string; readonly line: number; readonly column: number } | undefined,
): readonly Annotation[] {
  const others = results.flatMap((result) => {
    const place = result.status === null || result.status === 'reproducible' ? undefined : placeOf(result.name);
    return place ? [{ result, place }] : [];
  });
  return others.slice(0, MOST).map(({ result, place }, index) => {
    const reason = reasonText(result);
    const outputs = result.different.slice(0, MOST_PLACES).map(({ name }) => escapeControl(name));
    const beyond = index === MOST - 1 && others.length > MOST ? [`and ${others.length - MOST} more packages`] : [];
    const next = result.next === null ? [] : [`Next: ${escapeControl(result.next)}`];
    return {
      level: 'error',
      ...place,
      title: `${escapeControl(result.name)}: ${STATUS_WORDS[standing(result)]}`,
      message: [...(reason === '' ? [] : [escapeControl(reason)]), ...outputs, ...next, ...beyond].join('\n') || 'no verdict',
    };
  });
}

/** Values as the runner unescapes them (actions/toolkit, packages/core/src/command.ts). */
function data(text: string): string {
  const lines = text.split('\n').map((line) =>
    visibleParts(line)
      .map((part) => part.text)
      .join(''),
  );
  return lines.join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return escapeControl(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}
