/** One line of the result: what we measured, what it is held against, and what we want of the two. */
export type Row = {
  readonly what: string;
  readonly ours: number | undefined; // in `unit`; undefined: it could not be measured, `note` says why
  readonly peer?: { readonly name: string; readonly value: number };
  readonly unit: 's' | 'MB';
  readonly goal: number; // of the ratio where there is a peer, else of the value itself
  readonly note?: string;
};

/** Prints rows; `ratio` is ours divided by the peer's, and smaller is better everywhere. */
export function showTable(rows: readonly Row[]): void {
  const lines = rows.map(({ what, ours, peer, unit, goal, note }) => {
    if (ours === undefined) return [what, '-', '', '', '', note ?? ''];
    const ratio = peer && ours / peer.value;
    const wanted = peer ? `≤ ${goal} ×` : `≤ ${goal} ${unit}`;
    const met = (ratio ?? ours) <= goal ? 'yes' : 'NO';
    return [
      what,
      `${ours.toFixed(2)} ${unit}`,
      peer ? `${peer.value.toFixed(2)} ${unit} ${peer.name}` : '',
      ratio ? `${ratio.toFixed(2)} ×` : '',
      wanted,
      `${met}${note ? `, ${note}` : ''}`,
    ];
  });
  const all = [['', 'twinbuild', 'peer', 'ratio', 'goal', 'met'], ...lines];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  for (const line of all)
    process.stdout.write(
      `${line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  process.stdout.write('\n');
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
