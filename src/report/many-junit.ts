import { type ManyReport, type PackageReport, reasonText, STATUS_WORDS, standing } from './many.ts';
import { xmlElement, xmlText, xmlVisible } from './xml.ts';

/**
 * A whole list as JUnit XML: a case for each package. One that is not the same twice is a failure, one without a verdict an error, one that was not
 * tried skipped.
 */
export function manyJunit(report: ManyReport): string {
  const of = (outcome: string): number => report.results.filter((result) => outcomeOf(result) === outcome).length;
  const totals = { tests: report.results.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
  const time = report.results.reduce((sum, { wallSeconds }) => sum + (wallSeconds ?? 0), 0).toFixed(3);
  const cases = report.results.map((result) => `\n    ${caseOf(report, result)}`);
  const timestamp = report.startedAt.replace(/\.\d+Z$/, '');
  const suite = xmlElement('testsuite', { name: report.name, ...totals, time, timestamp }, [...cases, '\n  ']);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement('testsuites', { name: `twinbuild ${report.name}`, ...totals, time }, [`\n  ${suite}\n`])}\n`;
}

function outcomeOf({ status }: PackageReport): 'passed' | 'failure' | 'error' | 'skipped' {
  if (status === null) return 'skipped';
  if (status === 'reproducible') return 'passed';
  return status === 'different' || status === 'flaky' ? 'failure' : 'error';
}

function caseOf({ name: suite }: ManyReport, result: PackageReport): string {
  const outcome = outcomeOf(result);
  const about = { classname: suite, name: result.name, time: (result.wallSeconds ?? 0).toFixed(3) };
  if (outcome === 'passed') return xmlElement('testcase', about);
  const word = STATUS_WORDS[standing(result)];
  if (outcome === 'skipped') return xmlElement('testcase', about, [xmlElement('skipped', { message: word })]);
  const places = result.different.flatMap(({ name, places: some }) => [xmlText(name), ...some.map((line) => `  ${xmlVisible(line)}`)]);
  const next = result.next === null ? [] : [xmlText(`Next: ${result.next}`)];
  const reason = reasonText(result);
  const message = `${result.name}: ${word}${reason === '' ? '' : `: ${reason}`}`;
  return xmlElement('testcase', about, [
    xmlElement(outcome, { message, type: result.reason ?? result.status ?? word }, [[...places, ...next].join('\n')]),
  ]);
}
