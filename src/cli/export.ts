import { join } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { writeFileWhole } from '../files/whole-file.js';
import { modelOfRun } from '../inference/trained-model.js';
import { exportOnnx, type OnnxFile, opset } from '../onnx/export.js';
import { inputKinds } from '../onnx/options.js';
import { openRun } from '../runs/saved-run.js';
import { bytesText } from '../views/format.js';
import { print } from './output.js';
import { reported } from './reported.js';
import { weightsOption } from './run-options.js';

/** Of each choice of weights, beside their safetensors file. */
const files = { best: 'best.onnx', last: 'model.onnx' } as const;

const options = {
  format: { choices: ['onnx'] as const, default: 'onnx' as const, describe: 'Form of the file' },
  weights: weightsOption,
  input: {
    choices: inputKinds,
    default: 'pixels' as const,
    describe:
      'What the file takes: pixels from 0 to 255, or what the network sees, normalized pixels or a colour histogram; values are always taken as they are',
  },
  softmax: { type: 'boolean', default: false, describe: 'Give probabilities in place of logits' },
  fold: {
    type: 'boolean',
    default: false,
    describe: 'Fold batch norms into the convolutions and dense layers before them',
  },
  out: {
    type: 'string',
    requiresArg: true,
    describe: 'The file; one that is there is replaced',
    defaultDescription: `RUN/${files.best}, or RUN/${files.last} of the last weights`,
  },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly run: string };

/** `lockstep export`: a trained model as a file for other programs. */
export const exportCommand: CommandModule<object, Arguments> = {
  command: 'export <run>',
  describe: "Write a run's model as an ONNX file",
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('run', { type: 'string', demandOption: true, describe: 'Run directory' })
      .options(options)
      .example([
        ['$0 export runs/improved-...', ''],
        ['$0 export runs/improved-... --format onnx --softmax --fold --out cats.onnx', ''],
      ]) as unknown as Argv<Arguments>,
  handler: (args) =>
    reported(() => {
      const model = modelOfRun(openRun(args.run), args.weights);
      const file = exportOnnx(model, args);
      const path = args.out ?? join(args.run, files[args.weights]);
      writeFileWhole(path, file.bytes);
      print(describe(path, file, model.classes.length));
    }),
};

function describe(path: string, { bytes, input, output, norms }: OnnxFile, classes: number): string {
  const shape = (sizes: readonly number[]) => `float32, ${['batch', ...sizes].join(' x ')}`;
  const kept = `kept, as none is alone behind a convolution or dense layer: ${norms.kept.join(', ')}`;
  return [
    `${path}: ONNX, operator set ${opset}, ${bytesText(bytes.length)}`,
    `${input.name}: ${shape(input.shape)}: ${input.meaning}`,
    `${output}: ${shape([classes])}`,
    ...(norms.folded.length > 0 ? [`batch norms folded: ${norms.folded.join(', ')}`] : []),
    ...(norms.folded.length > 0 && norms.kept.length > 0 ? [kept] : []),
  ].join('\n');
}
