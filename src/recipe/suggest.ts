import { distance } from 'fastest-levenshtein';

/** The known word that was probably meant: at most two signs away, or a third of its length; the first of equal ones. */
export function nearest(found: string, known: readonly string[]): string | undefined {
  const word = found.slice(0, 100).toLowerCase();
  let best: { readonly name: string; readonly away: number } | undefined;
  for (const name of known) {
    const away = distance(word, name.toLowerCase());
    if (away <= Math.max(2, Math.floor(name.length / 3)) && away < name.length && away < (best?.away ?? Number.POSITIVE_INFINITY))
      best = { name, away };
  }
  return best?.name;
}
