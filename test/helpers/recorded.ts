import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causesOf } from '../../src/cause/causes.ts';
import type { Cause, CauseContext } from '../../src/cause/types.ts';
import type { ArtefactVerdict } from '../../src/deb/types.ts';
import type { CorpusPackage } from './corpus.ts';
import type { Leak } from './leak.ts';
import { PROJECT } from './rig.ts';
import { causesOfFile, judged, type Score } from './score.ts';

/** A leak, and what is said about the difference that a real build of it left. */
export type Said = { readonly made: string; readonly leak: Leak; readonly causes: readonly Cause[]; readonly score: Score };

type Recorded = { readonly context: CauseContext; readonly artefacts: readonly ArtefactVerdict[] };

/** What two real builds of a package of the corpus left (test/fixtures/corpus/README.md says how it was recorded). */
export function recordedOf(name: string): Recorded {
  return JSON.parse(readFileSync(join(PROJECT, 'test/fixtures/corpus', `${name}.json`), 'utf8')) as Recorded;
}

/** Every leak of these packages, held against the recorded differences. */
export function saidOf(packages: readonly CorpusPackage[]): readonly Said[] {
  return packages.flatMap(({ name, leaks }) => {
    const { context, artefacts } = recordedOf(name);
    const all = artefacts.flatMap((artefact) => causesOf(artefact, context));
    return leaks.map((leak) => {
      const causes = causesOfFile(all, name, leak);
      return { made: name, leak, causes, score: judged(leak, causes) };
    });
  });
}
