import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { ArtefactVerdict, Comparison } from '../deb/types.ts';
import { nearest } from '../recipe/suggest.ts';
import type { SurroundingName } from './types.ts';

/** What somebody else's second build changes and compares, as data. */
export type Profile = {
  readonly name: string; // as --as has it
  readonly whose: string; // for sentences: 'the migration gate of Debian'
  readonly passes: string; // what a package would do that is reproducible: 'would migrate'
  readonly fails: string;
  readonly varies: readonly SurroundingName[]; // exactly these
  readonly compares: string; // for people
  readonly counts: (output: string) => boolean; // by file name
  readonly leavesOut: readonly { readonly what: string; readonly why: string }[]; // what differs there and not here
  readonly sources: readonly string[]; // addresses
};

/**
 * Debian's gate: a package migrates to testing when rebuilders get the packages of the archive's build machines. The Release Team lists the differences
 * that a package has to bear; time zone, locale, umask, user, home, environment and build path are those of the .buildinfo.
 */
const DEBIAN_GATE: Profile = {
  name: 'debian-gate',
  whose: "Debian's migration gate",
  passes: 'would migrate',
  fails: 'would be held back',
  varies: ['hostname', 'cpus', 'directory-order', 'kernel', 'clock', 'checks'],
  compares: '.deb files without debug symbols',
  counts: (output) => output.endsWith('.deb') && !/^[^_]+-dbgsym_/.test(output),
  leavesOut: [
    {
      what: 'the archive',
      why: 'the gate compares with the packages of the archive, which another machine built, with the packages of unstable',
    },
    { what: 'hardware', why: 'model and load of the processors, memory, speed of the disk, uptime, /sys: both builds are on this machine' },
    { what: 'fakeroot', why: 'a rebuilder has none, as it may become root; here both builds have it where the package wants root' },
    {
      what: 'installation',
      why: 'order in which packages are installed, ids that they make, apt, openssl and ca-certificates, /etc/apt, /run, /var/log: both builds share one image',
    },
    { what: 'scheduling', why: 'the nice level is the same' },
    { what: 'architectures', why: 'each is judged by itself; this is the one of the container' },
  ],
  sources: ['https://release.debian.org/reproducible-builds-host-requirements.html', 'https://reproduce.debian.net/'],
};

/** All profiles. docs/gate.md is made from them. */
export const PROFILES: readonly Profile[] = [DEBIAN_GATE];

/** The profile of a name; a usage failure unknown-profile with what may have been meant. */
export function profileOf(name: string): Result<Profile> {
  const found = PROFILES.find((one) => one.name === name);
  if (found) return ok(found);
  const names = PROFILES.map((one) => one.name);
  const near = nearest(name, names);
  const failure: Failure = {
    kind: 'usage',
    reason: 'unknown-profile',
    message: `--as: there is no profile "${name}"${near === undefined ? '' : `; did you mean ${near}?`}`,
    next: `There is ${names.join(', ')}.`,
  };
  return fail(failure);
}

/** What a comparison predicts. */
export type Prediction = {
  readonly profile: string;
  readonly outcome: 'passes' | 'fails' | 'unknown'; // unknown: nothing that counts was built
  readonly sentence: string; // without its end
  readonly compares: string;
  readonly leavesOut: readonly { readonly what: string; readonly why: string }[];
};

/** A comparison in which only the outputs count that the profile compares. */
export function judgedBy({ counts }: Profile, { artefacts }: Comparison): Comparison {
  const judged = artefacts.map((artefact): ArtefactVerdict => {
    if (counts(artefact.name) || artefact.verdict === 'equal') return artefact;
    return { ...artefact, verdict: 'not-counted' }; // where it differs stays, for whoever wants to know
  });
  const reproducible = judged.every(({ verdict }) => verdict === 'equal' || verdict === 'not-counted');
  return { verdict: reproducible ? 'reproducible' : 'different', artefacts: judged };
}

/**
 * The prediction that a judged comparison is.
 *
 * @param untried surroundings of the profile that were not varied, with the reason
 */
export function predict(
  profile: Profile,
  { verdict, artefacts }: Comparison,
  untried: readonly { readonly name: SurroundingName; readonly why: string }[],
): Prediction {
  const { name, whose, passes, fails, compares, leavesOut } = profile;
  const none = !artefacts.some((artefact) => profile.counts(artefact.name));
  const outcome = none ? 'unknown' : verdict === 'reproducible' ? 'passes' : 'fails';
  const sentences = {
    passes: `predicts that it ${passes}, as far as the differences of ${whose} can be made here`,
    fails: `predicts that it ${fails} by ${whose}`,
    unknown: `predicts nothing: ${whose} compares ${compares}, and there are none`,
  };
  return {
    profile: name,
    outcome,
    sentence: sentences[outcome],
    compares,
    leavesOut: [...untried.map((one) => ({ what: one.name, why: `not varied: ${one.why}` })), ...leavesOut],
  };
}
