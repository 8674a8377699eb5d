import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mcNemar } from '#lockstep/evaluation/statistics/counts.js';
import { type EndedRun, isCompleted } from '#lockstep/views/compare/candidate.js';
import type { Comparison } from '#lockstep/views/compare/comparison.js';
import { candidateFigures } from '#lockstep/views/compare/figures.js';
import { markdownOf } from '#lockstep/views/compare/markdown.js';
import { pairsOf } from '#lockstep/views/compare/pairs.js';
import { findings, tablesOf } from '#lockstep/views/compare/tables.js';
import type { TextTable } from '#lockstep/views/text-table.js';
import { outcomesOf, plainCandidate } from '../support/compare-helpers.js';

const test = suite('comparing networks');

const resampling = { level: 0.95, resamples: 2000, seed: 1 };

function comparisonOf(
  entries: readonly ReturnType<typeof plainCandidate>[],
  outcomes: Parameters<typeof pairsOf>[3] = outcomesOf(),
): Comparison {
  return {
    weights: 'best',
    resampling,
    entries: entries.map((candidate, i) => candidateFigures(candidate, i, resampling)),
    pairs: pairsOf(entries, 'best', resampling, outcomes),
    version: '0.0.0',
  };
}

test('single runs on the same images are compared image by image', () => {
  // b hits what a hits and 20 more; c hits as many as a, but 300 others.
  const entries = [plainCandidate('a', 0.3), plainCandidate('b', 0.32), plainCandidate('c', 0.3)];
  const { pairs } = comparisonOf(entries, outcomesOf({ c: 300 }));
  const [ab, ac, bc] = pairs.map(({ result }) => result!);
  assert.equal(
    [ab, ac, bc].map((result) => result!.p),
    [mcNemar(0, 20), mcNemar(300, 300), mcNemar(300, 280)],
  );
  assert.equal(
    [ab, ac, bc].map((result) => result!.adjusted),
    [3 * mcNemar(0, 20), 1, 2 * mcNemar(300, 280)].map((p) => Math.min(1, p)),
  );
  assert.ok(ab!.interval.low > -0.03 && ab!.interval.high < -0.01);
  assert.ok(ac!.interval.low < -0.03 && ac!.interval.high > 0.03);
});

test('runs on other images are compared by their counts, with a word', () => {
  let number = 0;
  const entries = [plainCandidate('a', 0.3), plainCandidate('b', 0.4)];
  const { pairs } = comparisonOf(
    entries,
    outcomesOf({}, () => `key ${number++}`),
  );
  const [{ result, note }] = pairs as [(typeof pairs)[0]];
  assert.is(result?.test, 'fisher');
  // SciPy 1.17: fisher_exact([[300, 700], [400, 600]])
  assert.ok(Math.abs(result!.p / 3.371699707399935e-6 - 1) < 1e-9, String(result!.p));
  assert.is(note, 'their test images are not the same; so they are not compared image by image');
  const missing = comparisonOf(entries, () => ({ missing: 'set: no such folder.' })).pairs[0]!;
  assert.match(missing.note!, /^set: no such folder\./);
});

test("several seeds are compared by Welch's test, and those that diverged are left out", () => {
  const a = plainCandidate('a', 0.14, 0.126, 0.026, undefined, 0.02, 0.068);
  const b = plainCandidate('b', 0.122, 0.154, 0.145, 0.13, 0.137);
  const comparison = comparisonOf([a, b]);
  const { result } = comparison.pairs[0]!;
  assert.is(result?.test, 'welch');
  assert.ok(Math.abs(result!.p - 0.06664133703592523) < 1e-12);
  assert.is(
    findings(comparison)[0],
    "b is ahead of a by 6.16 percentage points with the best weights (95% interval −0.65 to +12.97), which may be chance: p = 0.067 (Welch's t-test).",
  );
  const [accuracy] = tablesOf(comparison);
  assert.equal(
    accuracy!.rows.map((row) => [row[1], row[6]]),
    [
      ['5 of 6, 1 diverged', '7.60% ± 5.54% (0.72% to 14.48%)'],
      ['5', '13.76% ± 1.25% (12.21% to 15.31%)'],
    ],
  );
});

test("the mean of the classes' recalls is shown where training goes by it", () => {
  const recalls = { a: [0.5, 0.6], b: [undefined] } as const;
  const balanced = (name: keyof typeof recalls, ...top1: number[]) => {
    const { runs, ...candidate } = plainCandidate(name, ...top1);
    const withRecall = (run: EndedRun, i: number): EndedRun => {
      const recall = recalls[name][i];
      if (!isCompleted(run) || recall === undefined) return run;
      const { final, best } = run.summary;
      const summary = {
        ...run.summary,
        final: { ...final, test: { ...final.test, balancedTop1: recall - 0.1 } },
        best: { ...best, test: { ...best.test, balancedTop1: recall } },
      };
      return { ...run, summary };
    };
    return { ...candidate, runs: runs.map(withRecall) };
  };
  const [accuracy, , , runs] = tablesOf(comparisonOf([balanced('a', 0.7, 0.72), balanced('b', 0.8)]));
  const column = ({ columns, rows }: TextTable, name: string) => {
    const at = columns.findIndex((column) => column.name === name);
    return rows.map((row) => row[at]);
  };
  assert.equal(column(accuracy!, 'Test, balanced'), ['45.00% ± 7.07%', '–']);
  assert.equal(column(accuracy!, 'Best, test, balanced'), ['55.00% ± 7.07%', '–']);
  assert.equal(column(runs!, 'Best, test, balanced'), ['50.00%', '60.00%', '–']);
  assert.not.ok(tablesOf(comparisonOf([plainCandidate('a', 0.3)]))[0]!.caption.includes('balanced'));
});

test("Student's interval of an accuracy ends where accuracies do", () => {
  const [low, high] = comparisonOf([
    plainCandidate('a', 0.02, 0.09),
    plainCandidate('b', 0.9, 0.96),
  ]).entries.map(({ top1 }) => top1!.bestTest.interval);
  assert.is(low!.low, 0);
  assert.ok(low!.high > 0.3 && low!.high < 1);
  assert.is(high!.high, 1);
});

test('what cannot be tested is said', () => {
  const noteOf = (...entries: ReturnType<typeof plainCandidate>[]) => comparisonOf(entries).pairs[0]!;
  assert.match(
    noteOf(plainCandidate('a', 0.1), plainCandidate('b', 0.1, 0.2)).note!,
    /^a is a single run, and a test over seeds needs two/,
  );
  assert.match(
    noteOf(plainCandidate('a', 0.1, 0.2), plainCandidate('b', undefined, 0.2)).note!,
    /^only 1 of 2 seeds of b completed/,
  );
  assert.match(
    noteOf(plainCandidate('a', 0.1, 0.1), plainCandidate('b', 0.2, 0.2)).note!,
    /neither changes with the seed/,
  );
  assert.match(
    noteOf(plainCandidate('a', 0.1), plainCandidate('b', undefined)).note!,
    /training of b diverged/,
  );
});

test('sentences say which is better, by how much, and how sure that is', () => {
  const said = (...top1: number[]) =>
    findings(comparisonOf(top1.map((value, i) => plainCandidate(`n${i}`, value))));
  assert.match(
    said(0.3, 0.35)[0]!,
    /^n1 is better than n0 by 5\.00 percentage points with the best weights \(95% interval \+\d\.\d\d to \+\d\.\d\d\), more than chance: p < 0\.0001 \(exact McNemar test\)\.$/,
  );
  assert.match(
    said(0.303, 0.3)[0]!,
    /^n0 is ahead of n1 by 0\.30 percentage points .*, which may be chance: p = 0\.25 /,
  );
  assert.is(
    said(0.3, 0.3)[0],
    'n0 and n1 have the same accuracy with the best weights: p = 1.0 (exact McNemar test).',
  );
  assert.match(said(0.3, 0.35, 0.4)[2]!, /Holm's correction for 3 pairs/);
});

test('Markdown keeps text text', () => {
  const candidate = { ...plainCandidate('a', 0.3), name: 'a_b|c', from: '<b>*x*</b>\n`y`' };
  const markdown = markdownOf(comparisonOf([candidate]), 'a_b|c');
  assert.match(markdown, '| a\\_b\\|c |');
  assert.match(markdown, '\\<b\\>\\*x\\*\\</b\\> \\`y\\`');
  assert.not.match(markdown, '## More than chance');
});

test.run();
