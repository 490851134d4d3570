import type { SourceText } from '../base/location.ts';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';

/** A symbol that a kernel or one of its modules exports: a line of Module.symvers (Documentation/kbuild/modules.rst, section 6.3). */
export type ExportedSymbol = {
  readonly name: string;
  readonly crc: string; // of its type, such as 0x1a2b3c4d; 0x00000000 without CONFIG_MODVERSIONS
  readonly module: string; // vmlinux, or the path of the module without .ko
  readonly type: string; // EXPORT_SYMBOL, EXPORT_SYMBOL_GPL …
  readonly namespace: string; // '' when there is none
};

/** The symbols of one kernel, by name. `kernel` is the name that the list says of itself; Module.symvers does not say one. */
export type Abi = { readonly kernel: string | undefined; readonly symbols: ReadonlyMap<string, ExportedSymbol> };

const TITLE = /^# abi of (\S+)$/;

/**
 * Reads Module.symvers, or a list that `formatAbi` wrote: five columns with tabs between them, of which the last may be empty or missing.
 * Never split at blanks: a symbol without a namespace would shift the columns of a symbol that has one.
 */
export function parseSymvers(source: SourceText): Result<Abi> {
  const symbols = new Map<string, ExportedSymbol>();
  const found: Failure[] = [];
  let kernel: string | undefined;
  let start = 0;
  for (const line of source.text.split('\n')) {
    const at = { source, start, end: start + line.length };
    start += line.length + 1;
    kernel ??= TITLE.exec(line)?.[1];
    if (line === '' || line.startsWith('#')) continue;
    const [crc = '', name = '', module = '', type = '', namespace = '', ...more] = line.split('\t');
    if (!/^0x[0-9a-f]{8}$/i.test(crc) || name === '' || module === '' || !type.startsWith('EXPORT') || more.length > 0) {
      found.push({
        kind: 'usage',
        reason: 'bad-symbol',
        message: 'This is not a line of Module.symvers: five columns with tabs between them',
        at,
      });
    } else if (symbols.has(name)) {
      found.push({ kind: 'usage', reason: 'symbol-twice', message: `${name} stands above already`, at });
    } else symbols.set(name, { name, crc: crc.toLowerCase(), module, type, namespace });
    if (found.length >= MOST_PROBLEMS) break;
  }
  const [first, ...others] = found;
  return first === undefined ? ok({ kernel, symbols }) : fail({ ...first, others });
}

const MOST_PROBLEMS = 20;

/** The list that is checked in: a title with the kernel's name, then one symbol a line, by name in byte order. */
export function formatAbi(kernel: string, symbols: Iterable<ExportedSymbol>): string {
  const lines = sortedBy(symbols, ({ name }) => name).map(({ crc, name, module, type, namespace }) =>
    [crc, name, module, type, namespace].join('\t'),
  );
  return `${[`# abi of ${kernel}`, ...lines].join('\n')}\n`;
}
