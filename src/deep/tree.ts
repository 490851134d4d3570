import { parsed } from './missing.ts';
import { SIDES } from './plan.ts';
import type { DeepNode } from './types.ts';

/** How much of a report is kept; its files have all of it. */
const MOST_NODES = 400;
const MOST_CHARACTERS = 600_000;
const MOST_LINES = 200; // of one place
const MOST_LINE = 600;
const MOST_DEPTH = 40;

type Room = { nodes: number; characters: number };

/** The places that the JSON form of a report has, outermost first; null when this is not such a report. What is too much is left out, and counted. */
export function deepTree(json: string): DeepNode | null {
  const root = parsed(json);
  return isObject(root) && typeof root['source1'] === 'string' ? nodeOf(root, { nodes: MOST_NODES, characters: MOST_CHARACTERS }, 0) : null;
}

function nodeOf(node: Readonly<Record<string, unknown>>, room: Room, depth: number): DeepNode {
  room.nodes -= 1;
  const all = typeof node['unified_diff'] === 'string' ? node['unified_diff'].split('\n') : [];
  if (all.at(-1) === '') all.pop();
  const lines: string[] = [];
  for (const line of all) {
    if (lines.length >= MOST_LINES || room.characters <= 0) break;
    lines.push(line.length > MOST_LINE ? `${line.slice(0, MOST_LINE)}…` : line);
    room.characters -= Math.min(line.length, MOST_LINE);
  }
  const details = Array.isArray(node['details']) ? node['details'].filter(isObject) : [];
  const inside: DeepNode[] = [];
  for (const detail of depth < MOST_DEPTH ? details : []) if (room.nodes > 0) inside.push(nodeOf(detail, room, depth + 1));
  return {
    first: placed(text(node['source1'])),
    second: placed(text(node['source2'])),
    comments: (Array.isArray(node['comments']) ? node['comments'] : []).map(text).filter((comment) => comment !== ''),
    lines,
    more: all.length - lines.length,
    inside,
    left: details.length - inside.length,
  };
}

/** A name without where the side lies in the container. */
function placed(name: string): string {
  const start = ['first', 'second'].map((side) => `${SIDES}/${side}/`).find((prefix) => name.startsWith(prefix)) ?? '';
  return name.slice(start.length);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim().slice(0, MOST_LINE) : '';
}
