/** What goes on, for people to watch. Never has an effect on a result. */
export type Notice =
  | { readonly kind: 'stage'; readonly text: string } // a new stage of the work begins: 'unpacking 173 packages'
  | { readonly kind: 'note'; readonly text: string } // worth a line of its own
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'overview'; readonly lines: readonly string[] } // of a run over many packages: shown instead of single steps while it has lines
  | { readonly kind: 'bytes'; readonly label: string; readonly done: number; readonly total: number } // bytes so far of bytes in all; 0: nobody knows how many
  | {
      readonly kind: 'step';
      readonly build: string;
      readonly step: string;
      readonly state: 'started' | 'ended' | 'failed';
      readonly seconds: number;
      readonly cpuSeconds: number; // so far; 0 when nothing was measured, as in a step of less than a second or two
      readonly peakMemoryBytes: number;
    }
  | { readonly kind: 'output'; readonly build: string; readonly step: string; readonly line: string }; // a line that a step printed, unescaped: only the terminal's writer may print it

export type Tell = (notice: Notice) => void;

/** What every long action is given: how to stop it, whom to tell, and the labels that mark what it makes in an engine. */
export type Running = {
  readonly signal: AbortSignal; // reason: a Failure of kind interrupted or terminated
  readonly tell: Tell;
  readonly labels: Readonly<Record<string, string>>;
};
