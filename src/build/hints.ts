import type { BuildPlan } from './types.ts';
import { inEnglish } from './words.ts';

/** What is known of a step that failed. */
export type Symptoms = {
  readonly plan: BuildPlan;
  readonly status: number;
  readonly outOfMemory: boolean;
  readonly lines: readonly string[]; // the last ones
};

type Hint = { readonly when: RegExp; readonly say: (plan: BuildPlan) => string | undefined };

const HINTS: readonly Hint[] = [
  {
    when: /Temporary failure in name resolution|Could not resolve (host|proxy|')|Name or service not known|Network is unreachable|getaddrinfo|nodename nor servname|Temporary failure resolving|unable to resolve host address|dial tcp|UnknownHostException|Could not transfer artifact|Failed to establish a new connection|EAI_AGAIN|ENETUNREACH|spurious network error/i,
    say: () => 'A build has no network. What it wants to download must be a source of the recipe, or a package in its build-depends.',
  },
  {
    when: /^/,
    say: ({ surroundings }) =>
      surroundings.clockOffsetSeconds
        ? 'The clock of this build was moved with libfaketime, which some builds do not bear: try `--skip clock`.'
        : undefined,
  },
  {
    when: /docker\.sock|docker daemon|podman\.sock/i,
    say: () => 'There is no engine inside of a build, and no way to the one outside.',
  },
  {
    when: /Cannot fork|fork: retry|can't start new thread|vfork: Resource temporarily unavailable|fork.*Resource temporarily unavailable|pthread_create failed/i,
    say: ({ limits }) => `A build may have ${limits.pids} processes and threads at once.`,
  },
  {
    when: /No space left on device|Disk quota exceeded/i,
    say: ({ limits, surroundings }) =>
      surroundings.volume === 'tmpfs'
        ? `This build had a volume in memory of ${size(surroundings.tmpfsBytes ?? 0)}: raise \`resources.disk\` in the recipe, or use \`--vary directory-order=shuffled\`.`
        : `Either the disk of the engine is full, or /tmp is (${size(temporaryBytes(limits.memoryBytes))}, in memory): large files belong below the build path.`,
  },
  {
    when: /Read-only file system/i,
    say: ({ surroundings, outputRoot }) =>
      `A step can write below ${outputRoot}, ${surroundings.home}, /tmp and /var/tmp; everything else is read-only. What must be installed belongs into build-depends.`,
  },
  {
    when: /Cannot allocate memory|out of memory|MemoryError|bad_alloc|Killed/,
    say: ({ limits }) =>
      `The memory limit is ${size(limits.memoryBytes)}: raise \`resources.memory\` in the recipe if the step needs more.`,
  },
  {
    when: /(: |^)(command )?not found$|No such file or directory: '[^/']+'$/m,
    say: () => 'A program is missing: add the package that has it to build-depends, and lock again.',
  },
  {
    // As Python, Node, Go and C say it. What is written ::1 may stand before or behind it.
    when: /(::1\b.*(cannot assign requested address|EADDRNOTAVAIL)|(cannot assign requested address|EADDRNOTAVAIL).*::1(?![:\w]))/i,
    say: () =>
      'A build has ::1 only where the kernel of the engine is this one and has IPv6; tests that need it can only be left out elsewhere (`DEB_BUILD_OPTIONS=nocheck`).',
  },
  {
    when: /\b(personality|setarch).*Operation not permitted|ADDR_NO_RANDOMIZE/i,
    say: () => 'The engine does not let a container switch off that addresses are laid out at random (`setarch -R`).',
  },
  {
    when: /\b(keyctl|add_key|request_key)\w*\b.*(Operation not permitted|Function not implemented)/i,
    say: () =>
      "The engine keeps the kernel's keyrings from every container; tests that need them can only be left out (`DEB_BUILD_OPTIONS=nocheck`).",
  },
  {
    when: /dh_auto_test: error|make(\[\d+\])?: \*\*\* .*\b(check|test)[^ ]*\] Error|# (FAIL|ERROR): +[1-9]/m,
    say: () =>
      'Its tests fail. `DEB_BUILD_OPTIONS=nocheck` builds without them: in the `environment` of a recipe, or in yours where there is none.',
  },
  {
    when: /Operation not permitted|must be root|are you root|Permission denied/i,
    say: () => 'Steps run as an ordinary user without capabilities; a step that must own files can say `user: root`.',
  },
];

/** What may help with a step that failed, the likeliest first. Guesses from its last lines, but for memory, which the engine counts. */
export function hintsFor({ plan, outOfMemory, lines }: Symptoms): readonly string[] {
  const text = inEnglish(lines).join('\n');
  const memory = outOfMemory
    ? [`It used all of its memory, ${size(plan.limits.memoryBytes)}: raise \`resources.memory\` in the recipe.`]
    : [];
  const guesses = HINTS.filter(({ when }) => when.test(text)).flatMap(({ say }) => say(plan) ?? []);
  return [...new Set([...memory, ...guesses])].slice(0, 3);
}

/**
 * What a step that failed called its error itself: the first of its last lines that begins with `error: `, as the checks of a packaging print it. The lines
 * behind it, of make for instance, only say that something failed. One that ends with a colon goes on with what is indented behind it. Where there is none,
 * what make stopped for before it ran anything: `FILE:LINE: *** …  Stop.`
 */
export function errorIn(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^error: \S/i.test(line));
  const text = lines[at]?.replace(/^error: /i, '').trimEnd();
  if (text === undefined) return stopOfMake(lines);
  if (!text.endsWith(':')) return text.replace(/[.,;]+$/, '');
  const behind = lines.slice(at + 1);
  const end = behind.findIndex((line) => !/^\s+\S/.test(line));
  const [first, ...others] = (end === -1 ? behind : behind.slice(0, end)).map((line) => line.trim());
  if (first === undefined) return text.slice(0, -1);
  return `${text} ${first.replace(/[.,;]+$/, '')}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
}

/** make says so in the language of the build, and ends the sentence in its own way in each: the stars are the same in all of them. */
function stopOfMake(lines: readonly string[]): string | undefined {
  const told = lines.map((line) => /^(?:make(?:\[\d+\])?|[^\s:]+:\d+): \*\*\* (?!\[)(\S.*?)\s*(?:\.\s+[^.]+\.)?$/.exec(line)?.[1]);
  return told.find((text) => text !== undefined);
}

/** How much a step may put into its /tmp, which is in memory. */
export function temporaryBytes(memoryBytes: number): number {
  return Math.floor(memoryBytes / 2);
}

export function size(bytes: number): string {
  const [unit, factor] = bytes >= 1024 ** 3 ? (['GiB', 1024 ** 3] as const) : (['MiB', 1024 ** 2] as const);
  return `${(bytes / factor).toFixed(1).replace(/\.0$/, '')} ${unit}`;
}
