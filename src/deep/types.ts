/** What diffoscope may use for one artefact. Past a limit there is a `limit` in the result, never a run that goes on. */
export type DeepLimits = {
  readonly timeSeconds: number;
  readonly memoryBytes: number; // with what is unpacked, which lies in memory
  readonly scratchBytes: number; // of what is unpacked
  readonly reportBytes: number; // of each form of the report
};

/** The forms in which diffoscope writes what it found. */
export const DEEP_FORMS = ['json', 'html', 'txt'] as const;
export type DeepForm = (typeof DEEP_FORMS)[number];

/** What diffoscope says of one artefact. */
export type DeepLook = {
  readonly name: string; // of the artefact
  readonly given: readonly string[]; // trails below the artefact of the files that it was given, joined by ' > '; none: the whole artefact
  readonly end: 'compared' | 'equal' | 'limit' | 'failed';
  readonly limit: 'time' | 'memory' | 'size' | null; // which one it ran into
  readonly message: string | null; // why there is no whole comparison, in a sentence
  readonly tool: string | null; // 'diffoscope 240'
  readonly wallSeconds: number;
  readonly missing: readonly MissingHelper[]; // helpers that this artefact asked for and the container does not have
  readonly files: Partial<Readonly<Record<DeepForm, string>>>; // paths relative to the folder of report.json; none when they were not kept
  readonly excerpt: readonly string[]; // first lines of the text form, as they came: escape them
  readonly more: number; // lines of the text form beyond the excerpt
  readonly tree: DeepNode | null; // its report by places, bounded; null when there is none
};

/** A place that diffoscope names, what it says of it, and what is inside. Texts are as they came: escape them. */
export type DeepNode = {
  readonly first: string; // its name on the first side, or the command that shows it
  readonly second: string;
  readonly comments: readonly string[];
  readonly lines: readonly string[]; // of a unified diff
  readonly more: number; // lines beyond
  readonly inside: readonly DeepNode[];
  readonly left: number; // places beyond those inside
};

/** A program that diffoscope would have run, and the Debian package that has it. */
export type MissingHelper = { readonly helper: string; readonly package: string | null };
