import { createRequire } from 'node:module';

/**
 * Node's HTTP agent. To `import` it from node:http makes Node load its whole fetch as well, for the sake of another name there (WebSocket), which takes as
 * long as reading a lock.
 */
export const { Agent } = createRequire(import.meta.url)('node:http') as typeof import('node:http');
