import { StreamFailure } from '../base/result.ts';
import { Broken } from '../store/exchange.ts';
import { lineOf, type Packet, type PacketReader } from './pkt-line.ts';
import { protocolFailure, ServerError } from './trouble.ts';

/**
 * The bytes of the pack in a server's answer (gitprotocol-v2(5), "fetch"; gitprotocol-pack(5), "Packfile Data").
 *
 * @throws Broken when the answer ends early, ServerError with the server's words, StreamFailure git-protocol
 */
export async function* packOf(reader: PacketReader, version: 2 | 0): AsyncGenerator<Uint8Array> {
  if (version === 2) await toPackSection(reader);
  else await behindAcknowledgement(reader);
  for (;;) {
    const next = await read(reader);
    if (next.kind === 'flush') return;
    if (next.kind !== 'data' || next.bytes.length === 0) throw unexpected();
    const [band] = next.bytes;
    const rest = next.bytes.subarray(1);
    if (band === 1) yield rest;
    else if (band === 3) throw new ServerError(lineOf(rest).trim());
    else if (band !== 2) throw unexpected(); // 2: what the server says of its progress
  }
}

/** Version 2 answers in sections, each with its name in front. */
async function toPackSection(reader: PacketReader): Promise<void> {
  for (;;) {
    const name = await line(reader);
    if (name === 'packfile') return;
    if (name !== 'shallow-info') throw unexpected();
    for (let next = await read(reader); next.kind !== 'delimiter'; next = await read(reader)) if (next.kind !== 'data') throw unexpected();
  }
}

/** Version 0 tells where the history is cut, up to a flush, and then that it has nothing in common with us. */
async function behindAcknowledgement(reader: PacketReader): Promise<void> {
  for (let next = await read(reader); next.kind !== 'flush'; next = await read(reader)) {
    if (next.kind !== 'data' || !/^(un)?shallow /.test(lineOf(next.bytes))) throw unexpected();
  }
  if ((await line(reader)) !== 'NAK') throw unexpected();
}

async function line(reader: PacketReader): Promise<string> {
  const next = await read(reader);
  if (next.kind !== 'data') throw unexpected();
  return lineOf(next.bytes);
}

async function read(reader: PacketReader): Promise<Packet> {
  const next = await reader.next();
  if (next === undefined) throw new Broken('the answer ended early');
  if (next.kind === 'data' && Buffer.from(next.bytes.subarray(0, 4)).toString('latin1') === 'ERR ') {
    throw new ServerError(lineOf(next.bytes.subarray(4)));
  }
  return next;
}

function unexpected(): StreamFailure {
  return new StreamFailure(protocolFailure('its answer to a fetch is not in the order that is written down'));
}
