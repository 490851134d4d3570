#!/usr/bin/env node
import { BUG, run } from './run.ts';

// Whoever reads our output may stop to (`| head`): that is no error, and no verdict.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// Node's own exit status for this is 1, which would say that a package is not reproducible.
process.on('uncaughtException', (error) => {
  process.stderr.write(`twinbuild has a bug; please report it with these lines:\n${error.stack ?? error}\n`);
  process.exit(BUG);
});

process.exitCode = await run(process.argv.slice(2));
