import { type Command, InvalidArgumentError, Option } from 'commander';

/** What `repro` takes for a list of packages. */
export function addManyOptions(command: Command, limits: readonly Option[]): Command {
  for (const option of [
    new Option('--from <file>', 'a list, a target a line (- is standard input): a queue that goes on where it was').conflicts(
      'fromContainer',
    ),
    new Option('--from-container <name>', 'the sources of every package in the image of a container or recipe'),
    new Option('--jobs <number>', 'packages side by side (one for two cpus)').argParser(whole(1)),
    new Option('--time-limit <time>', 'of a package with everything that it takes, such as 30m'),
    new Option('--stop-after <time>', 'begin no further package of a list after this, such as 6h; the same command goes on'),
    new Option('--retries <number>', 'further tries after network, mirror or engine failed (3)').argParser(whole(0)),
    new Option('--retry-builds <number>', 'further tries after a build failed (0); a difference is never tried away').argParser(whole(0)),
    new Option('--keep-outputs <which>', 'packages that stay in a list (different)').choices(['different', 'all', 'none']),
    new Option(
      '--again [statuses]',
      'build finished packages of a list once more: all, or those of these statuses, such as different,flaky',
    ),
    ...limits,
  ]) {
    command.addOption(option);
  }
  return command;
}

function whole(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= least && number <= 1000) return number;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}
