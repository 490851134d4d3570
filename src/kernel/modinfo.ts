/** What a module says of itself in its section .modinfo, in the order in which it stands there: `['firmware', 'rtl_nic/rtl8168d-1.fw']`. */
export type ModuleInformation = readonly (readonly [key: string, value: string])[];

const ELF = Buffer.from('\x7fELF', 'latin1');

/**
 * Reads .modinfo of a kernel module: an ELF object of 32 or 64 bits, in either byte order (elf(5)).
 *
 * @returns undefined when the bytes are no such object; an empty list when it has no such section
 */
export function readModinfo(bytes: Uint8Array): ModuleInformation | undefined {
  const section = elfSection(bytes, '.modinfo');
  if (section === undefined) return undefined;
  const entries = Buffer.from(section.buffer, section.byteOffset, section.length).toString('utf8').split('\0');
  return entries.flatMap((entry) => {
    const equals = entry.indexOf('=');
    return equals <= 0 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)] as const];
  });
}

type Elf = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly wide: boolean;
  readonly little: boolean;
  readonly table: number; // where the section headers start
  readonly each: number; // bytes of one
  readonly count: number;
  readonly names: number; // index of the section that holds the names
};

/** The ELF header, as far as sections need it; undefined when this is no ELF object or its table lies outside of it. */
function elfOf(bytes: Uint8Array): Elf | undefined {
  const [, , , , width = 0, order = 0] = bytes;
  const wide = width === 2;
  const little = order === 1;
  if (bytes.length < (wide ? 64 : 52) || !ELF.equals(bytes.subarray(0, 4)) || ![1, 2].includes(width) || ![1, 2].includes(order))
    return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const table = wide ? Number(view.getBigUint64(40, little)) : view.getUint32(32, little);
  const [each, count, names] = [0, 2, 4].map((at) => view.getUint16((wide ? 58 : 46) + at, little)) as [number, number, number];
  if (each < (wide ? 64 : 40) || names >= count || table + each * count > bytes.length) return undefined;
  return { bytes, view, wide, little, table, each, count, names };
}

/** The bytes of a section; none when there is no such section; undefined when this is no ELF object or a broken one. */
function elfSection(bytes: Uint8Array, wanted: string): Uint8Array | undefined {
  const elf = elfOf(bytes);
  const strings = elf && sectionAt(elf, elf.names);
  if (elf === undefined || strings === undefined) return undefined;
  for (let index = 0; index < elf.count; index += 1) {
    const from = elf.view.getUint32(elf.table + index * elf.each, elf.little);
    const to = from > strings.length ? -1 : strings.indexOf(0, from);
    if (to !== -1 && Buffer.from(strings.subarray(from, to)).toString('latin1') === wanted) return sectionAt(elf, index);
  }
  return new Uint8Array(0);
}

function sectionAt({ bytes, view, wide, little, table, each }: Elf, index: number): Uint8Array | undefined {
  const header = table + index * each;
  const word = (at: number) => (wide ? Number(view.getBigUint64(header + at, little)) : view.getUint32(header + at, little));
  const [offset, size] = wide ? [word(24), word(32)] : [word(16), word(20)];
  return offset + size > bytes.length ? undefined : bytes.subarray(offset, offset + size);
}
