import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import { scoresOf } from '#lockstep/evaluation/score.js';
import type { Outcomes } from '#lockstep/evaluation/scores.js';
import { buildNetwork, configLayers } from '#lockstep/graph/network.js';
import type { EpochMetrics } from '#lockstep/runs/metrics.js';
import { trainLossNotes } from '#lockstep/runs/train-loss.js';
import { drawPlots, plotsOfFiles } from '#lockstep/views/report/plots.js';
import type { ReportData } from '#lockstep/views/report/report-data.js';
import { renderReport } from '#lockstep/views/report/report-page.js';
import { plainRun } from '../support/compare-helpers.js';

const markup = '<img src=x onerror=alert(1)>';

/** Each sample of class i is taken for class i + 1, but for every `right`-th. */
function outcomesOf(classes: number, perClass: number, right: number): Outcomes {
  const samples = classes * perClass;
  const labels = Int32Array.from({ length: samples }, (_, i) => Math.floor(i / perClass));
  const predicted = labels.map((label, i) => (i % right === 0 ? label : (label + 1) % classes));
  return {
    split: 'test',
    parts: [{ split: 'test', samples }],
    classes: Array.from({ length: classes }, (_, i) => `${markup} ${i}`),
    loss: 1.5,
    labels,
    predicted,
    confidence: new Float32Array(samples).fill(0.7),
    losses: new Float32Array(samples).fill(1.5),
    classesBefore: Int32Array.from(labels, (label, i) => (predicted[i] === label ? 0 : 1)),
  };
}

const epochs: EpochMetrics[] = [1, 2, 3].map((epoch) => ({
  epoch,
  learningRate: 0.1 / epoch,
  train: { samples: 100, loss: 3 / epoch, top1: 0.2, top5: 0.5 },
  validation: { samples: 10, loss: 3.5 / epoch, top1: 0.1 * epoch, top5: 0.4 },
  seconds: 2,
  imagesPerSecond: 1000 * epoch,
}));

function contentOf(classes: number, changes: Partial<ReportData> = {}): ReportData {
  const config = withClasses(completeConfig(loadConfig('configs/lenet5.json')), 50);
  const outcomes = outcomesOf(classes, 4, 2);
  return {
    run: { directory: `runs/${markup}`, config, epochs, summary: undefined },
    split: 'test',
    choice: 'best',
    layers: configLayers(config.model.layers, [3, 32, 32]),
    model: undefined,
    filters: undefined,
    evaluation: { outcomes, scores: scoresOf(outcomes) },
    mistakes: [
      {
        image: `${markup}.png`,
        split: 'test',
        index: 3,
        class: markup,
        predicted: markup,
        confidence: 0.9,
        picture: undefined,
      },
    ],
    augmented: 'no images',
    dir: 'data/x',
    notes: [`a note ${markup}`],
    ...changes,
  };
}

const htmlOf = async (content: ReportData) => renderReport(content, await drawPlots(content));

const page = suite('the page of a report');

page("a plot's file says what the train loss is with, as the page's caption does", async () => {
  const content = contentOf(5);
  const { config } = content.run;
  const smooth = {
    ...content,
    run: { ...content.run, config: { ...config, loss: { ...config.loss, labelSmoothing: 0.1 } } },
  };
  const plots = await drawPlots(smooth);
  const noted = await plotsOfFiles(smooth, plots);
  assert.match(noted.loss!, /The train loss is with label smoothing 0\.1, the validation loss without\./);
  assert.is(noted.top1, plots.top1);
  assert.match(renderReport(smooth, plots), /The train loss is with label smoothing 0\.1/);
  assert.is(await plotsOfFiles(content, plots), plots);
});

page('what is the same of all runs is said once', () => {
  const run = (name: string, ...trainLossWith: string[]) => ({ name, trainLossWith });
  assert.is(trainLossNotes([run('a'), run('b')]), undefined);
  assert.match(trainLossNotes([run('a', 'x'), run('b', 'x')])!, /^The train loss of each run is with x, /);
  assert.match(trainLossNotes([run('a', 'x'), run('b')])!, /^The train loss of a is with x, [^.]*\.$/);
});

page('markup in names of runs and classes stays text', async () => {
  const html = await htmlOf(contentOf(5));
  assert.not.ok(html.includes('<img src=x'));
  assert.ok(html.includes('&lt;img src=x onerror=alert(1)>'));
});

page('a mistake names its file, and the folder that it is in', async () => {
  const html = await htmlOf(contentOf(5));
  assert.ok(html.includes(`The files are in data/x.`));
  assert.match(html, /<span class="file">[^<]*&lt;img src=x onerror=alert\(1\)>\.png<\/span>/);
});

page('a training that was resumed has its parts, each with its threads, time and speed', async () => {
  const content = contentOf(5);
  const { summary } = plainRun('a', 1, 0.3);
  const part = { step: 0, cpu: 'a processor', cores: 8, node: '20.19.0' };
  const resumed = {
    ...summary,
    threads: 2,
    parts: [
      { ...part, epoch: 0, threads: 8 },
      { ...part, epoch: 2, step: 5, threads: 2 },
    ],
  };
  const epochs = [4000, 5000, 1000].map((imagesPerSecond, i) => ({
    ...content.run.epochs[0]!,
    epoch: i + 1,
    seconds: 10 * (i + 1),
    imagesPerSecond,
  }));
  const html = await htmlOf({ ...content, run: { ...content.run, epochs, summary: resumed } });
  const rows = html.match(/<tr><th scope="row">epoch .*?<\/tr>/g)!.map((row) => row.replace(/<[^>]*>/g, ' '));
  assert.match(rows[0]!, /epoch 1 +8 +2 +30\.0 s +4,500 /);
  assert.match(rows[1]!, /epoch 3, step 6 +2 +1 +30\.0 s +1,000 /);
  assert.ok(html.includes('8, then 2 threads'));
  assert.ok(html.includes('node dist/lockstep.js verify'), 'a command that a checkout has');
});

page('an image that is mixed has the parts of its label, one that an epoch leaves out says so', async () => {
  const picture = { address: 'data:,', width: 4, height: 4 };
  const seen = { picture, label: `70.0% ${markup}, 30.0% dog` };
  const row = { name: markup, original: picture, epochs: [seen, undefined, { picture, label: undefined }] };
  const html = await htmlOf(contentOf(5, { augmented: [row] }));
  const cells = html
    .match(/<tr><th scope="row">&lt;img src=x onerror=alert\(1\)><\/th>.*?<\/tr>/)![0]
    .split('<td');
  assert.match(cells[2]!, /alt="&lt;img [^"]* in epoch 1".*70\.0% &lt;img [^<]*, 30\.0% dog/);
  assert.ok(cells[3]!.includes('not in this epoch') && !cells[3]!.includes('src='));
  assert.not.ok(cells[4]!.includes('%'));
});

page('the plot of the learning rate says what was planned, and where plateaus made it smaller', async () => {
  const content = contentOf(5);
  const { run } = content;
  const captionOf = async (schedule: object) => {
    const optimizer = { ...run.config.optimizer, schedule: schedule as typeof run.config.optimizer.schedule };
    const html = await htmlOf({ ...content, run: { ...run, config: { ...run.config, optimizer } } });
    return html.slice(html.indexOf('id="plot-learning-rate"')).match(/<figcaption>(.*?)<\/figcaption>/)![1]!;
  };
  const { epochs } = run.config.training;
  assert.match(
    await captionOf({ type: 'linear', warmupEpochs: 1, finalFactor: 0 }),
    new RegExp(
      `linear, warmup epochs 1, final factor 0\\. Dotted: what was to come after 3 of ${epochs} epochs\\.$`,
    ),
  );
  const plateau = { type: 'reduceOnPlateau', metric: 'loss', factor: 0.5, threshold: 1e-4, warmupEpochs: 0 };
  const rest = { cooldownEpochs: 0, minFactor: 0 };
  assert.match(await captionOf({ ...plateau, ...rest, patience: 0 }), /It was never made smaller\.$/);
  // No gain is as large as this.
  assert.match(
    await captionOf({ ...plateau, ...rest, patience: 0, threshold: 0.9 }),
    /It was made smaller after epoch 2, by the validation's loss\.$/,
  );
});

page('asks nobody for anything, and stays small with 50 classes', async () => {
  const html = await htmlOf(contentOf(50));
  assert.not.match(html.replaceAll('http://www.w3.org/', ''), /https?:\/\//);
  assert.not.match(html, /@import|url\((?!#)/);
  assert.ok(html.length < 400_000, String(html.length));
});

page('of more than 100 classes the matrix shows those that are confused most, and says so', async () => {
  const html = await htmlOf(contentOf(150));
  assert.ok(html.includes('The 50 classes with a part in the most errors, of 150'));
  assert.not.ok((await htmlOf(contentOf(100))).includes('with a part in the most errors'));
});

page('the interval stands with the accuracy that it is of', async () => {
  const content = contentOf(5);
  const { samples, top1 } = content.evaluation!.scores;
  const tilesOf = async (test: { samples: number; top1: number }) => {
    const measured = { loss: 1, top5: 1, ...test };
    const { summary } = plainRun('a', 1, 0.3);
    const best = { epoch: 2, validation: measured, test: measured };
    const html = await htmlOf({ ...content, run: { ...content.run, summary: { ...summary, best } } });
    return html
      .match(/<li class="tile">.*?<\/li>/g)!
      .filter((tile) => tile.includes('interval'))
      .map((tile) => /[a-z0-9-]+ top-1, [^<]*/i.exec(tile)![0]);
  };
  assert.equal(await tilesOf({ samples, top1 }), ['Test top-1, best epoch (2)']);
  assert.equal(await tilesOf({ samples: 1000, top1 }), ['test top-1, best weights, evaluated now']);
  assert.equal(await tilesOf({ samples, top1: 0.9 }), ['test top-1, best weights, evaluated now']);
});

page('of more than 1000 classes those with the lowest F1 are listed, not those without one', async () => {
  const content = contentOf(1100);
  const outcomes = { ...content.evaluation!.outcomes };
  // 300 classes have neither images nor predictions.
  outcomes.labels = outcomes.labels.map((label) => label % 800);
  outcomes.predicted = outcomes.predicted.map((label) => label % 800);
  const html = await htmlOf({ ...content, evaluation: { outcomes, scores: scoresOf(outcomes) } });
  const rows = html.slice(html.indexOf('classes with the lowest F1')).match(/<tr>.*?<\/tr>/g)!;
  assert.ok(rows.slice(1, 801).every((row) => !row.includes('–')));
});

page('a run without epochs, weights or data has a page with what there is', async () => {
  const bare = contentOf(5, { evaluation: undefined, mistakes: [], notes: ['nothing is there'] });
  const content = { ...bare, run: { ...bare.run, epochs: [] } };
  const html = await htmlOf(content);
  assert.ok(html.includes('nothing is there'));
  assert.ok(html.includes('No epoch has ended.'));
  assert.ok(html.includes('id="network"') && html.includes('id="recipe"'));
  assert.not.ok(html.includes('id="evaluation"') || html.includes('<script'));
});

page.run();

const layers = suite("the config's layers");

layers('have the shapes, parameters and multiply-adds of the network that joins some of them', () => {
  for (const name of ['lenet5', 'improved', 'tuned/improved']) {
    const { model } = withClasses(completeConfig(loadConfig(`configs/${name}.json`)), 50);
    const input = [3, 32, 32];
    const own = configLayers(model.layers, input).map(({ operator }) => operator);
    const network = buildNetwork(model.layers, input);
    assert.is(own.length, model.layers.length);
    assert.equal(own.at(-1)!.output, [network.classes]);
    assert.equal(
      own.flatMap((layer) => layer.parameters.map((p) => p.name)),
      network.parameters.map((p) => p.name),
    );
    const sum = (all: readonly { multiplyAdds: number }[]) =>
      all.reduce((total, layer) => total + layer.multiplyAdds, 0);
    assert.is(sum(own), sum(network.nodes));
  }
});

layers.run();
