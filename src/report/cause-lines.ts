import { escapeControl } from '../base/escape.ts';
import type { Cause } from '../cause/types.ts';
import type { Difference } from '../deb/types.ts';
import type { Paint } from './paint.ts';

/** Gives the causes to say after each difference of an artefact: after the last one in a place, and what to do only the first time. */
export function causeTeller(differences: readonly Difference[], causes: readonly Cause[], paint: Paint): (index: number) => string[] {
  const byTrail = Map.groupBy(causes, ({ trail }) => keyOf(trail));
  const last = new Map(differences.map(({ trail }, index) => [keyOf(trail), index]));
  const said = new Set<string>();
  return (index) => {
    const key = keyOf(differences[index]?.trail ?? []);
    if (last.get(key) !== index) return [];
    const names = new Map<string, Cause>();
    for (const cause of byTrail.get(key) ?? []) if (!names.has(cause.name)) names.set(cause.name, cause);
    return [...names.values()].flatMap((cause) => {
      const repeated = said.has(cause.remedy);
      said.add(cause.remedy);
      return causeLines(cause, repeated, paint);
    });
  };
}

const SURE: Readonly<Record<Cause['confidence'], string>> = {
  certain: 'because of',
  likely: 'likely because of',
  possible: 'possibly because of',
};

/** One sentence on the cause, and one on what to do. */
function causeLines(cause: Cause, repeated: boolean, paint: Paint): string[] {
  if (cause.name === 'consequence') return [`      ${paint.dim(`↳ ${escapeControl(cause.evidence)}`)}`];
  const { name, surrounding, confidence, evidence, remedy, link } = cause;
  const change = surrounding === null ? '' : surrounding === name ? ', which was varied' : `, brought out by the change of ${surrounding}`;
  const sentence = `${SURE[confidence]} ${paint.yellow(escapeControl(name))}${change}: ${escapeControl(evidence)}`;
  const help = repeated ? [] : [`        ${paint.bold('Do:')} ${escapeControl(remedy)}${link === null ? '' : ` ${paint.dim(link)}`}`];
  return [`      ↳ ${sentence}`, ...help];
}

function keyOf(trail: readonly string[]): string {
  return JSON.stringify(trail);
}
