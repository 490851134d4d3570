import { byBytes, sortedBy } from '../base/order.ts';
import type { Abi, ExportedSymbol } from './symvers.ts';

/** What became of one symbol. All but `new` and `moved` keep a module that was built before from being loaded. */
export type AbiChange =
  | { readonly kind: 'gone'; readonly symbol: ExportedSymbol }
  | { readonly kind: 'crc' | 'type' | 'namespace' | 'moved'; readonly symbol: ExportedSymbol; readonly before: ExportedSymbol }
  | { readonly kind: 'new'; readonly symbol: ExportedSymbol };

export type AbiComparison = {
  readonly changes: readonly AbiChange[]; // by symbol in byte order
  readonly breaks: boolean; // a module for the old kernel does not fit the new one
  readonly renamed: boolean; // the kernel has another name, so that nobody will try to load such a module
};

/** What the comparison leaves out: symbols, and every symbol of a module. */
export type AbiIgnore = { readonly symbols: ReadonlySet<string>; readonly modules: ReadonlySet<string> };

/** Reads an abi-blacklist: a symbol a line, or `M: MODULE` for all of a module; `#` starts a comment. */
export function parseIgnore(text: string): AbiIgnore {
  const lines = text.split('\n').map((line) => line.trim());
  const named = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const modules = named.flatMap((line) => (line.startsWith('M:') ? [line.slice(2).trim()] : []));
  return { symbols: new Set(named.filter((line) => !line.startsWith('M:'))), modules: new Set(modules) };
}

/** Compares what a new kernel exports with what an older one did. Every kind of change of a symbol is told. */
export function compareAbi(before: Abi, after: Abi, kernel: string, ignore: AbiIgnore): AbiComparison {
  const changes: AbiChange[] = [];
  const left = ({ name, module }: ExportedSymbol) => ignore.symbols.has(name) || ignore.modules.has(module);
  for (const [name, old] of before.symbols) {
    if (left(old)) continue;
    const symbol = after.symbols.get(name);
    if (symbol === undefined) changes.push({ kind: 'gone', symbol: old });
    else changes.push(...changesOf(old, symbol));
  }
  for (const [name, symbol] of after.symbols) if (!before.symbols.has(name)) changes.push({ kind: 'new', symbol });
  const ordered = sortedBy(changes, ({ symbol, kind }) => `${symbol.name}\0${kind}`);
  return { changes: ordered, breaks: ordered.some(breaking), renamed: before.kernel !== kernel };
}

function changesOf(before: ExportedSymbol, symbol: ExportedSymbol): AbiChange[] {
  const changes: AbiChange[] = [];
  if (symbol.crc !== before.crc) changes.push({ kind: 'crc', symbol, before });
  // Anybody may use a plain export, so becoming one takes nothing away; the same holds for losing a namespace.
  if (symbol.type !== before.type && symbol.type !== 'EXPORT_SYMBOL') changes.push({ kind: 'type', symbol, before });
  if (symbol.namespace !== before.namespace && symbol.namespace !== '') changes.push({ kind: 'namespace', symbol, before });
  if (symbol.module !== before.module) changes.push({ kind: 'moved', symbol, before });
  return changes;
}

/** Whether a module that used the symbol no longer loads. */
export function breaking({ kind }: AbiChange): boolean {
  return kind === 'gone' || kind === 'crc' || kind === 'type' || kind === 'namespace';
}

/** The changes in words, one a line: each by itself, and those of checksums as one line a module, as they come in hundreds. */
export function describeAbi({ changes }: AbiComparison): readonly string[] {
  const crcs = Map.groupBy(
    changes.flatMap((change) => (change.kind === 'crc' ? [change.symbol] : [])),
    ({ module }) => module,
  );
  const summaries = sortedBy(crcs, ([module]) => module).map(([module, symbols]) => {
    const names = symbols.map(({ name }) => name).sort(byBytes);
    return `error: ${module}: other checksum of ${names.length} ${names.length === 1 ? 'symbol' : 'symbols'}: ${few(names)}`;
  });
  return [...changes.flatMap((change) => (change.kind === 'crc' ? [] : [sentence(change)])), ...summaries];
}

function few(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')}, …`;
}

function sentence(change: Exclude<AbiChange, { kind: 'crc' }> | AbiChange): string {
  const { name, module } = change.symbol;
  switch (change.kind) {
    case 'gone':
      return `error: ${name} (${module}) is no longer exported`;
    case 'new':
      return `warning: ${name} (${module}) is new`;
    case 'moved':
      return `note: ${name} moved from ${change.before.module} to ${module}`;
    case 'type':
      return `error: ${name} (${module}) was ${change.before.type} and is ${change.symbol.type}`;
    case 'namespace':
      return `error: ${name} (${module}) is in the namespace ${change.symbol.namespace} and was in ${change.before.namespace || 'none'}`;
    case 'crc':
      return `error: ${name} (${module}) has the checksum ${change.symbol.crc} and had ${change.before.crc}`;
    default:
      return change satisfies never;
  }
}
