import type { Location, SourceText } from '../base/location.ts';

/** Something that is likely to make two builds differ, or a build other than it was meant. Never has an effect on a verdict. */
export type Finding = {
  readonly rule: string; // a stable word-with-hyphens for programs, such as 'gzip-name'
  readonly at?: Location; // left out when it stands in no file
  readonly message: string; // one sentence
  readonly remedy: string; // one or two sentences
};

/** A stretch of a file by its first offset and its length. */
export function stretch(source: SourceText, start: number, length: number): Location {
  return { source, start, end: start + length };
}

/** Every line of a file with its first offset. */
export function* linesOf(source: SourceText): Generator<{ readonly text: string; readonly start: number }> {
  let start = 0;
  for (const text of source.text.split('\n')) {
    yield { text, start };
    start += text.length + 1;
  }
}
