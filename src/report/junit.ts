import { bearingOf, counted, type Tried, triedOf } from './bearing.ts';
import { placesOfArtefact } from './places.ts';
import type { ExplainedArtefact, Report } from './report.ts';
import { verdictSentence } from './sentence.ts';
import { factsOf } from './verify.ts';
import { xmlElement, xmlText, xmlVisible } from './xml.ts';

/**
 * The report as JUnit XML, which every CI shows: a suite for the outputs and one for the surroundings. An output that differs is a failure; so is
 * a surrounding that is known to matter. What is not known or was not tried is skipped, and a run without a verdict is an error.
 */
export function junitText(report: Report): string {
  const name = report.recipe.name;
  const outputs =
    report.failure === null
      ? [...report.artefacts.map((artefact) => outputCase(artefact, report)), ...surroundedCase(report)]
      : [runCase(report)];
  const surroundings = report.failure === null ? triedOf(report).map((tried) => surroundingCase(tried, report)) : [];
  const predicted = report.prediction ? [predictionCase(report.prediction)] : [];
  const suites = [
    suite(`${name}.outputs`, report, outputs),
    ...(surroundings.length > 0 ? [suite(`${name}.surroundings`, report, surroundings)] : []),
    ...(report.prediction ? [suite(`${name}.${report.prediction.profile}`, report, predicted)] : []),
  ];
  const totals = sum([...outputs, ...surroundings, ...predicted]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement('testsuites', { name: `twinbuild ${name}`, ...totals, time: report.wallSeconds.toFixed(3) }, [...suites.map((one) => `\n${one}`), '\n'])}\n`;
}

type Outcome = 'passed' | 'failures' | 'errors' | 'skipped';
type Case = { readonly name: string; readonly outcome: Outcome; readonly inside: readonly string[] };

function suite(name: string, { startedAt, wallSeconds }: Report, cases: readonly Case[]): string {
  const tests = cases.map((one) => `\n    ${xmlElement('testcase', { classname: name, name: one.name, time: '0' }, one.inside)}`);
  return `  ${xmlElement('testsuite', { name, ...sum(cases), time: wallSeconds.toFixed(3), timestamp: startedAt.replace(/\.\d+Z$/, '') }, [...tests, '\n  '])}`;
}

function sum(cases: readonly Case[]): Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number>> {
  const of = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  return { tests: cases.length, failures: of('failures'), errors: of('errors'), skipped: of('skipped') };
}

/** What a rebuild was made from; skipped when that is not what was recorded, so that a green row never stands for it. */
function surroundedCase(report: Report): readonly Case[] {
  const { verify } = report;
  if (verify === undefined) return [];
  const lines = [verdictSentence(report), ...factsOf(verify).map(([name, text]) => `${name}: ${text}`)];
  const inside = verify.indicative ? [xmlElement('skipped', { message: 'not built with what was recorded: only indicative' })] : [];
  return [
    {
      name: 'built with what was recorded',
      outcome: verify.indicative ? 'skipped' : 'passed',
      inside: [...inside, xmlElement('system-out', {}, [textOf(lines)])],
    },
  ];
}

function runCase(report: Report): Case {
  const { reason, details, next } = report.failure ?? {};
  const lines = [
    verdictSentence(report),
    ...(Array.isArray(details) ? details.map(String) : []),
    ...(typeof next === 'string' ? [`Next: ${next}`] : []),
  ];
  const error = xmlElement('error', { message: verdictSentence(report), type: String(reason ?? report.verdict) }, [textOf(lines)]);
  return { name: 'run', outcome: 'errors', inside: [error] };
}

function outputCase(artefact: ExplainedArtefact, report: Report): Case {
  const { name, verdict, first, second } = artefact;
  switch (verdict) {
    case 'equal':
      return { name, outcome: 'passed', inside: [] };
    case 'not-counted':
      return { name, outcome: 'skipped', inside: [xmlElement('skipped', { message: 'does not count' })] };
    case 'only-in-first':
    case 'only-in-second': {
      const sentence = `${name} is only in the ${verdict.slice(8)} build`;
      return { name, outcome: 'failures', inside: [xmlElement('failure', { message: sentence, type: verdict }, [textOf([sentence])])] };
    }
    case 'different': {
      const lines = [`first   ${first?.sha256}`, `second  ${second?.sha256}`, ...placesOfArtefact(artefact, 100)];
      const message = report.verify
        ? `${name} of ${report.recipe.name} did not come out as published`
        : `${name} of ${report.recipe.name} is not the same in both builds`;
      return {
        name,
        outcome: 'failures',
        inside: [xmlElement('failure', { message, type: 'different' }, [lines.map(xmlVisible).join('\n')])],
      };
    }
    default:
      return verdict satisfies never;
  }
}

function surroundingCase(tried: Tried, report: Report): Case {
  const { name } = tried;
  if (tried.values === undefined)
    return { name, outcome: 'skipped', inside: [xmlElement('skipped', { message: `not changed: ${tried.why ?? ''}` })] };
  const bearings = counted(report.artefacts).map((artefact) => ({ artefact, bearing: bearingOf(tried, artefact, report.why) }));
  const guilty = bearings.flatMap(({ artefact, bearing }) => (bearing.kind === 'mattered' ? [`${artefact.name}: ${bearing.how}`] : []));
  if (guilty.length > 0) {
    const message = `${name} matters: ${tried.values[0]} in the first build, ${tried.values[1]} in the second`;
    return { name, outcome: 'failures', inside: [xmlElement('failure', { message, type: 'surrounding' }, [textOf(guilty)])] };
  }
  const unknown = bearings.some(({ bearing }) => bearing.kind === 'unknown');
  return unknown
    ? { name, outcome: 'skipped', inside: [xmlElement('skipped', { message: 'changed, and not known whether it matters' })] }
    : { name, outcome: 'passed', inside: [] };
}

function predictionCase({ outcome, sentence, leavesOut }: NonNullable<Report['prediction']>): Case {
  const lines = [sentence, 'left out:', ...leavesOut.map(({ what, why }) => `${what}: ${why}`)];
  const name = 'prediction';
  switch (outcome) {
    case 'passes':
      return { name, outcome: 'passed', inside: [xmlElement('system-out', {}, [textOf(lines)])] };
    case 'fails':
      return { name, outcome: 'failures', inside: [xmlElement('failure', { message: sentence, type: 'prediction' }, [textOf(lines)])] };
    case 'unknown':
      return { name, outcome: 'skipped', inside: [xmlElement('skipped', { message: sentence })] };
    default:
      return outcome satisfies never;
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map(xmlText).join('\n');
}
