import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cosineOfHalfTurn, exponential, logarithm } from '#lockstep/numerics/exact-math.js';
import { afterEpoch, type Plateau } from '#lockstep/runtime/plateau.js';
import { learningRateAt } from '#lockstep/runtime/schedule.js';
import { layersConfig, referencePath } from '../support/engine-helpers.js';

const math = suite('functions that are the same on every machine');

math('agree with the host to 1e-15 or so', () => {
  for (let i = 0; i <= 1000; i++) {
    const t = i / 1000;
    assert.ok(Math.abs(cosineOfHalfTurn(t) - Math.cos(Math.PI * t)) < 4e-16, `cos ${t}`);
    const x = -600 + 1.2 * i;
    assert.ok(Math.abs(exponential(x) / Math.exp(x) - 1) < 1e-13, `exp ${x}`);
    const y = 10 ** (i / 50 - 10);
    assert.ok(Math.abs(logarithm(y) - Math.log(y)) <= 1e-14 * Math.max(1, Math.abs(Math.log(y))), `log ${y}`);
  }
});

const schedule = suite('the learning rate');
const rates = (text: string, epochs = 10, steps = 4) => {
  const config = layersConfig(
    [{ type: 'dense', outFeatures: 2 }],
    `optimizer.schedule=${text}`,
    `training.epochs=${epochs}`,
  );
  return Array.from({ length: epochs * steps }, (_, i) =>
    learningRateAt(config, 1 + Math.floor(i / steps), i % steps, steps),
  );
};

schedule('is constant by default', () => {
  assert.equal(new Set(rates('{"type":"constant"}')), new Set([0.1]));
});

schedule('falls by steps of epochs', () => {
  const found = rates('{"type":"step","everyEpochs":3,"factor":0.5}', 7, 1);
  assert.equal(found, [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025]);
});

schedule('rises in a line and falls as a cosine', () => {
  const found = rates('{"type":"cosine","warmupEpochs":2,"finalFactor":0.1}');
  assert.equal(
    found.slice(0, 8).map((rate) => Number(rate.toFixed(10))),
    [1, 2, 3, 4, 5, 6, 7, 8].map((i) => i / 80),
  );
  found.slice(8).forEach((rate, i) => {
    const wanted = 0.1 * (0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * i) / 32)));
    assert.ok(Math.abs(rate - wanted) < 1e-15, `step ${i + 8}: ${rate}, expected ${wanted}`);
  });
});

schedule('a warm-up that ends within a step does not go beyond the learning rate', () => {
  for (const [warmup, epochs, steps] of [
    [0.01, 3, 1],
    [0.25, 3, 10],
    [0.5, 4, 1],
  ] as const) {
    const found = rates(`{"type":"cosine","warmupEpochs":${warmup}}`, epochs, steps);
    assert.ok(Math.max(...found) <= 0.1, `${warmup} epochs: ${found}`);
  }
});

const { validation, cases, ...reference } = JSON.parse(
  readFileSync(referencePath('schedules', 'json'), 'utf8'),
);

for (const { schedule: own, rates: expected } of cases) {
  schedule(`is PyTorch's in every step: ${JSON.stringify(own)}`, () => {
    const { epochs, steps } = reference;
    const config = layersConfig(
      [{ type: 'dense', outFeatures: 2 }],
      `optimizer.schedule=${JSON.stringify(own)}`,
      `training.epochs=${epochs}`,
    );
    let plateau: Plateau | undefined;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (let step = 0; step < steps; step++) {
        const rate = learningRateAt(config, epoch, step, steps, plateau?.factor);
        const wanted = expected[(epoch - 1) * steps + step];
        assert.ok(
          Math.abs(rate / wanted - 1) < 1e-12,
          `epoch ${epoch}, step ${step}: ${rate}, not ${wanted}`,
        );
      }
      plateau = afterEpoch(config.optimizer, plateau, validation[epoch - 1]);
    }
  });
}

schedule('of any kind rises in a line where it is told to', () => {
  for (const { schedule: own } of cases) {
    if (own.type === 'oneCycle') continue;
    const [plain, warm] = [0, 2].map((warmupEpochs) => rates(JSON.stringify({ ...own, warmupEpochs })));
    const top = own.type === 'exponential' ? plain! : plain!.map(() => 0.1);
    for (let i = 0; i < 8; i++)
      assert.ok(Math.abs(warm![i]! - (top[i]! * (i + 1)) / 8) < 1e-15, `${own.type}, step ${i}: ${warm![i]}`);
  }
});

math.run();
schedule.run();
