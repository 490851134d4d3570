/** How much of a foreign archive we are ready to read. Whoever is past a limit gets a StreamFailure, never more bytes. */
export type ArchiveLimits = {
  readonly entries: number; // headers of any kind in one archive
  readonly nameBytes: number; // of one name or link target
  readonly paxBytes: number; // of one extended header
  readonly totalBytes: number; // of one archive or stream, uncompressed
  readonly ratio: number; // bytes that may come out for each byte that went in
  readonly ratioFromBytes: number; // the ratio is looked at when this much has come out: small files of zeros are harmless
};

/** Far above the largest packages of Debian (a kernel with debug symbols: 6 GB, 100,000 files), far below what fills a disk in silence. */
export const ARCHIVE_LIMITS: ArchiveLimits = {
  entries: 2_000_000,
  nameBytes: 4096, // PATH_MAX of Linux
  paxBytes: 1024 * 1024,
  totalBytes: 64 * 1024 ** 3,
  ratio: 1000,
  ratioFromBytes: 256 * 1024 ** 2,
};
