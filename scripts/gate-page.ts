import { PROFILES, type Profile } from '../src/build/profiles.ts';
import { SURROUNDING_NAMES } from '../src/build/types.ts';

/** docs/gate.md: from the profiles themselves. */
export function gatePage(): string {
  return `${[HEAD, ...PROFILES.map(profilePart)].join('\n\n')}\n`;
}

function profilePart({ name, whose, passes, fails, varies, compares, leavesOut, sources }: Profile): string {
  const same = SURROUNDING_NAMES.filter((one) => !varies.includes(one));
  return [
    `## \`${name}\``,
    `What ${whose} would say: that the package ${passes}, or ${fails}.`,
    `**Varied**, and nothing else: ${words(varies)}. **The same in both builds**: ${words(same)}.`,
    `**Compared**: ${compares}.`,
    '**Left out** of the prediction:',
    ['| what | why |', '| --- | --- |', ...leavesOut.map(({ what, why }) => `| ${what} | ${why} |`)].join('\n'),
    `After ${sources.map((address) => `<${address}>`).join(' and ')}.`,
  ].join('\n\n');
}

function words(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

const HEAD = `# What a gate would say

This page is made from \`src/build/profiles.ts\` by \`node scripts/docs.ts\`.

\`twinbuild repro TARGET --as PROFILE\` builds and compares as somebody else's second build does, and says what that one would say. The prediction
stands behind the verdict in the terminal, in \`report.json\` as \`prediction\`, on the page, in \`junit.xml\` as a suite of its own, and in the summary of a CI. The exit status is that of the
verdict: 0 for a package that passes, 1 for one that does not.

A plain \`repro\` is stricter: it varies more, and every file counts. A package that is different there may pass the gate.

* \`checks\` means that the second build has \`nocheck\` in \`DEB_BUILD_OPTIONS\`. It can be had without a profile, too: \`--vary checks\`.
* The clock of the second build is moved by libfaketime, which some builds do not bear, and which slows down programs that ask for the time all along: Maven took 8 minutes of CPU for junit4
  in place of one. \`--skip clock\` leaves it out, and the prediction says so.
  Dates of files do not move with it.
* \`--vary\` takes another value for what the profile varies; anything else is refused.`;
