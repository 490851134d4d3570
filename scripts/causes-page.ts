import { DETECTORS, MASKS } from '../src/cause/detectors.ts';
import { LOTS } from '../test/helpers/blind.ts';
import { CORPUS } from '../test/helpers/corpus.ts';
import { saidOf } from '../test/helpers/recorded.ts';
import { scoreText } from '../test/helpers/score.ts';

/** docs/causes.md: from the detectors' own words, and from what they say of the corpus. */
export function causesPage(): string {
  const said = saidOf(CORPUS);
  const blind = LOTS.flatMap(({ packages }) => saidOf(packages));
  const everything = [...said, ...blind];
  const parts = [...DETECTORS, ...MASKS].map(({ name, leak, evidence, remedy, link }) => {
    const own = everything
      .filter(({ causes }) => causes.some((cause) => cause.name === name))
      .map(({ made, leak: { file } }) => `\`${made}/${file}\``);
    const tried =
      own.length === 0
        ? 'Tried with differences that were written down by hand (`test/cause.test.ts`).'
        : `In the corpus: ${own.join(', ')}.`;
    return [
      `### \`${name}\``,
      `${leak}.`,
      `**Claimed when:** ${evidence}`,
      `**What to do:** ${remedy}${link === null ? '' : ` ([more](${link}))`}`,
      tried,
    ].join('\n\n');
  });
  const none = everything
    .filter(({ leak }) => leak.cause === null && leak.also === undefined)
    .map(({ made, leak: { file } }) => `\`${made}/${file}\``);
  const beyond = everything.flatMap(({ made, leak }) => (leak.beyond === undefined ? [] : [`\`${made}/${leak.file}\` (${leak.beyond})`]));
  return `${[
    HEAD,
    `## How well it does

Over the corpus, which is real packages, built twice by twinbuild (\`test/engine/corpus.test.ts\` builds them anew and holds them to the same table):
**${scoreText(said.map(({ score }) => score))}**. A claim is a cause that was named for a file; it is right when the file was made to have it. The detectors
were written with this corpus in view, so that the numbers say what they cover, and not how they do on packages of the world.

How they do there was tried with two lots of packages that were written down first and built then, with spellings, formats and programs that nobody had looked at
(\`test/helpers/blind.ts\`; \`test/engine-slow/corpus-blind.test.ts\` builds them anew). What was missed then was mended, so that a third lot would be needed to measure again:

| lot | when it was first built | now |
| --- | --- | --- |
${LOTS.map(({ name, packages, atFirst }) => `| ${name} | ${atFirst} | ${scoreText(saidOf(packages).map(({ score }) => score))} |`).join('\n')}

Known, and not found: ${beyond.join('; ')}.

No cause may be named for ${none.join(', ')}: what is drawn by chance, of which nobody could tell where it comes from.`,
    '## The detectors',
    ...parts,
    TAIL,
  ].join('\n\n')}\n`;
}

const HEAD = `# Causes

This page is made from the detectors themselves by \`node scripts/docs.ts\`.

When two builds differ, \`twinbuild repro\` names the cause as far as there is evidence for it: in the terminal behind each difference, in
\`report.json\` as \`artefacts[].causes\`. A cause has a name, the place that it explains (\`trail\`), what was seen on both sides (\`evidence\`), how sure it is, the
change of surroundings that brought it out (\`surrounding\`), what to do (\`remedy\`), and a link.

* **certain**: the value of the first build's surroundings stands on the first side and that of the second build's on the second, or the place allows nothing else.
* **likely**: the form is unmistakable and nothing speaks against it.
* **possible**: the form fits, and other reasons would look the same. \`twinbuild repro --why\` finds out by building again.

There are at most three causes for a difference. One without evidence has none. What only follows from another difference (checksums, \`Installed-Size\`, sizes, the
\`.buildinfo\`'s digests, a build id where the program differs elsewhere) is called \`consequence\` and not explained anew.

\`twinbuild diff\` does not know how its two sides were made: it can only name what speaks for itself, and says \`possible\` of any two dates.`;

const TAIL = `## How they work

A detector is a small function in \`src/cause/\` with its words beside it. Some look at a difference as a whole: at its kind (order, attribute, packing), its place (a gzip header, a member
of a static library, a section of a program) or its bytes. The others look at pairs of texts that stand against each other: lines of a diff, strings in bytes, names of files, targets of links,
fields. Each takes what it explains out of both texts before the next one looks, so that nothing is explained twice, and those that look for what is common (a small
number) are heard only when nothing else of the text is left to explain.

To add one, write it into its list, and a leak that it must find into \`test/helpers/leaks-*.ts\`. \`TWINBUILD_RECORD=1 pnpm test:engine test/engine/corpus.test.ts\` builds the corpus and keeps what
it left for the unit tests in \`test/fixtures/corpus/\`; \`node scripts/docs.ts\` writes this page.`;
