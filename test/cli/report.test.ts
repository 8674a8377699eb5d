import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { openRun } from '#lockstep/runs/saved-run.js';
import { type WriteOptions, writeReport } from '#lockstep/views/report/write-report.js';
import { commandSuite, lockstep, readJson, trainWell } from '../support/command-helpers.js';

const test = commandSuite('lockstep report');

let folder: string;
/** A run of its own, as it was trained. */
const runOf = (name: string): string => {
  cpSync(join(folder, 'run'), join(folder, name), { recursive: true });
  return join(folder, name);
};

async function command(...args: string[]): Promise<string> {
  const ended = await lockstep(folder, 'report', ...args);
  assert.is(ended.code, 0, `${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** The same without a process of its own. Returns its notes. */
async function report(run: string, options: Partial<WriteOptions> = {}): Promise<readonly string[]> {
  const defaults = { split: 'test', choice: 'best', threads: 1, plots: true } as const;
  return (await writeReport(openRun(run), { ...defaults, ...options })).notes;
}

/** The page's text, without tags, scripts and pictures. */
const textOf = (path: string) =>
  readFileSync(path, 'utf8')
    .replace(/<(style|script|svg)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

test.before(async (workspace) => {
  folder = workspace.folder();
  // Absolute, since some reports are made in this process.
  await trainWell(
    folder,
    '--out',
    'run',
    '--quiet',
    '--set',
    `data.cache=${JSON.stringify(join(folder, 'cache'))}`,
  );
});

test("says what the run's files say, and writes each plot as SVG and PNG", async () => {
  const run = runOf('whole');
  assert.match(
    await command('whole'),
    /^whole\/report\.html: \d+\.\d (?:kB|MB), and plots in whole\/plots\n$/,
  );
  const text = textOf(join(run, 'report.html'));
  const { best, final, weightsSha256, datasetKey, parameters } = readJson(run, 'summary.json');
  const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;
  assert.ok(text.includes(`Test top-1, best epoch (${best.epoch}) ${percent(best.test.top1)}`));
  assert.ok(text.includes(`Test top-1, last epoch ${percent(final.test.top1)}`));
  assert.ok(text.includes(`Cross entropy ${best.test.loss.toFixed(4)} nats`));
  for (const split of ['train', 'validation', 'test'])
    assert.ok(text.includes(`last ${split} ${final[split].samples} ${final[split].loss.toFixed(4)}`), split);
  for (const value of [weightsSha256, datasetKey, 'node dist/lockstep.js train --config whole/config.json'])
    assert.ok(text.includes(value), value);
  assert.ok(text.includes(`all layers 3 x 16 x 16 6 ${parameters.toLocaleString('en-US')}`), 'parameters');
  assert.match(text, /sure ?images\/c\d\/[67]\.png/, 'a mistake names its file');
  assert.not.ok(text.includes('could not'));
  const names = ['calibration', 'confusion', 'learning-rate', 'loss', 'network', 'speed', 'top1'];
  assert.equal(
    readdirSync(join(run, 'plots')).sort(),
    names.flatMap((name) => [`report-${name}.png`, `report-${name}.svg`]),
  );
});

test('several runs have a page each; --no-plots leaves the files out; the same run gives the same bytes', async () => {
  const [a, b] = [runOf('a'), runOf('b')];
  await command('a', 'b', '--no-plots', '--split', 'validation', '--weights', 'last');
  assert.not.ok(existsSync(join(a, 'plots')));
  const read = (run: string) => readFileSync(join(run, 'report.html'), 'utf8');
  assert.is(
    read(a).replaceAll(/\ba\/config|training in a\b|verify a\b/g, ''),
    read(b).replaceAll(/\bb\/config|training in b\b|verify b\b/g, ''),
  );
  assert.ok(textOf(join(a, 'report.html')).includes('Evaluation: validation images, last weights'));
});

test('--out names the page of one run, and of one alone', async () => {
  runOf('c');
  await command('c', '--out', 'pages/c.html');
  assert.ok(
    existsSync(join(folder, 'pages/c.html')) && existsSync(join(folder, 'pages/plots/report-loss.svg')),
  );
  assert.not.ok(existsSync(join(folder, 'c/report.html')));
  const ended = await lockstep(folder, 'report', 'c', 'run', '--out', 'x.html');
  assert.is(ended.code, 2);
  assert.match(ended.stderr, /--out names one page, but there are 2 runs/);
});

test('a run that was cut off has a page that says so', async () => {
  const run = runOf('cut');
  for (const file of ['summary.json', 'model.safetensors']) rmSync(join(run, file));
  await report(run, { choice: 'last' });
  const text = textOf(join(run, 'report.html'));
  assert.ok(text.includes('The run has not ended, or was cut off: 3 of 3 epochs are done.'));
  assert.ok(text.includes('There are no last weights to look at'));
  assert.not.ok(text.includes('NaN') || text.includes('undefined'));
});

test('a failed run has a page with the reason, and no picture of an earlier report', async () => {
  const run = runOf('failed');
  await report(run);
  const summary = readJson(run, 'summary.json');
  Object.assign(summary, { status: 'failed', final: null, best: null, weightsSha256: null });
  writeFileSync(join(run, 'summary.json'), JSON.stringify(summary));
  writeFileSync(
    join(run, 'log.jsonl'),
    '{"event":"error","msg":"the loss is <i>not</i> finite"}\n{"event":"err',
  );
  rmSync(join(run, 'best.safetensors'));
  await report(run);
  const html = readFileSync(join(run, 'report.html'), 'utf8');
  assert.ok(html.includes('The run has ended as “failed”'));
  assert.ok(html.includes('the loss is &lt;i>not&lt;/i> finite'));
  assert.not.ok(existsSync(join(run, 'plots/report-confusion.svg')));
  assert.ok(existsSync(join(run, 'plots/report-loss.svg')));
});

test('a run whose data or weights are gone has a page that says why; --data finds the data elsewhere', async ({
  dataset,
}) => {
  const run = runOf('moved');
  const config = readJson(run, 'config.json');
  config.data.dir = 'gone';
  writeFileSync(join(run, 'config.json'), JSON.stringify(config));
  const [note] = await report(run);
  assert.match(note!, /^The test images could not be evaluated: the run was trained on gone/);
  assert.ok(textOf(join(run, 'report.html')).includes('or say where the images are (data, --data)'));
  await report(run, { data: dataset });
  const text = textOf(join(run, 'report.html'));
  assert.ok(
    text.includes('Evaluation: test images') && text.includes('The images that were evaluated are those in'),
  );
  writeFileSync(join(run, 'best.safetensors'), 'no weights');
  await report(run, { data: dataset });
  assert.ok(textOf(join(run, 'report.html')).includes('There are no best weights to look at'));
});

test('shows what augmentation makes of some training images, and why where it does not', async ({
  dataset,
}) => {
  const run = runOf('augmented');
  const augmented = (html: string) =>
    html.slice(html.indexOf('id="augmentation"'), html.indexOf('id="recipe"'));
  const page = () => augmented(readFileSync(join(run, 'report.html'), 'utf8'));
  await report(run);
  assert.ok(page().includes('The training has none'));

  const config = readJson(run, 'config.json');
  // Black holes: the tiny config does not know the mean.
  config.training.augmentation = { cutout: { size: 40 }, cutmix: {} };
  writeFileSync(join(run, 'config.json'), JSON.stringify(config));
  await report(run);
  const rows = page().match(/<tr><th scope="row">.*?<\/tr>/g)!;
  assert.equal(
    rows.map((row) => /row">(.*?)</.exec(row)![1]),
    [0, 1, 3, 4].map((label) => `class ${label}`),
  );
  for (const [i, label] of [0, 1, 3, 4].entries()) {
    const images = [...rows[i]!.matchAll(/src="data:image\/png;base64,(.*?)"/g)].map(([, png]) => png!);
    assert.is(images.length, 8);
    const [original, ...seen] = await Promise.all(
      images.map((png) => sharp(Buffer.from(png, 'base64')).removeAlpha().raw().toBuffer()),
    );
    // The pictures of a class have one colour.
    const colour = [0, 1, 2].map((channel) => ((label + 1) & (1 << channel) ? 160 : 40));
    assert.equal([...original!.subarray(0, 3)], colour);
    for (const [epoch, bytes] of seen.entries()) {
      assert.is(bytes.length, original!.length);
      assert.not.equal(bytes, original, `epoch ${epoch + 1}`);
    }
    assert.match(rows[i]!, /\d\d?\.\d% class \d, \d\d?\.\d% class \d/);
  }
  assert.ok(page().includes('The training has 3 epochs; later ones would see the rest.'));

  await report(run, { data: dataset });
  assert.ok(page().includes('the images that were evaluated are not those that the training saw'));
  const summary = readJson(run, 'summary.json');
  writeFileSync(join(run, 'summary.json'), JSON.stringify({ ...summary, datasetKey: 'another' }));
  await report(run);
  assert.ok(page().includes('the dataset is not as it was when the run was trained'));
  config.data.dir = 'gone';
  writeFileSync(join(run, 'config.json'), JSON.stringify(config));
  await report(run);
  assert.ok(page().includes('no images were evaluated, as a note above says'));
});

test('a folder that cannot be made is an error, before anything is evaluated', async () => {
  const run = runOf('blocked');
  let evaluated = false;
  const out = join(run, 'config.json', 'page.html');
  const error = await report(run, { out, onProgress: () => (evaluated = true) }).catch((e) => e);
  assert.match(error.message, /config\.json.* cannot be written/);
  assert.not.ok(evaluated);
});

test('what is no run is an error, before any page is written', async () => {
  const run = runOf('fine');
  const ended = await lockstep(folder, 'report', 'fine', 'nowhere');
  assert.is(ended.code, 2);
  assert.match(ended.stderr, /^error: nowhere is no run directory/);
  assert.not.ok(existsSync(join(run, 'report.html')));
});

test.run();
