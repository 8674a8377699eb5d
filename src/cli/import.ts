import { basename, dirname, extname, join } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { sampleShape } from '../data/features.js';
import { readClassNames } from '../data/sources/labels.js';
import { ExitCode, UserError } from '../errors.js';
import { writeFileWhole } from '../files/whole-file.js';
import { readImported } from '../inference/import-file.js';
import { unknownForm } from '../inference/open-any.js';
import { ofRange, ranges } from '../onnx/import/normalization.js';
import type { Reporter } from '../runs/reporter.js';
import { lockstepCommand, quoted } from '../views/command.js';
import { integer } from '../views/format.js';
import { requireNew } from './new-file.js';
import { print } from './output.js';
import { reported } from './reported.js';

const options = {
  as: {
    type: 'string',
    demandOption: true,
    requiresArg: true,
    describe: 'The config that is written; a file that is there is never replaced',
  },
  weights: {
    type: 'string',
    requiresArg: true,
    describe: 'The weights that are written, likewise',
    defaultDescription: 'beside the config, with its name',
  },
  input: {
    type: 'string',
    requiresArg: true,
    describe:
      'channels,height,width of the images, such as 3,224,224, where an ONNX file leaves its size open',
  },
  range: {
    choices: ranges,
    requiresArg: true,
    describe: 'White in the input of an ONNX file that takes pixels as they are: 1 or 255',
  },
  mean: {
    type: 'string',
    requiresArg: true,
    describe: 'R,G,B, from 0 to 1: what was taken off the pixels before the model saw them',
  },
  deviation: {
    type: 'string',
    requiresArg: true,
    describe: 'R,G,B: what they were divided by after that',
  },
  classes: {
    type: 'string',
    requiresArg: true,
    describe: "File with the classes' names in the order of the outputs, one a line",
  },
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'Config of the network, for a safetensors file that has weights alone',
  },
  data: {
    type: 'string',
    default: 'data/images',
    requiresArg: true,
    describe: 'Folder of images that the config names as its dataset',
  },
} as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly file: string };

/** `lockstep import`: a model of another program as a config and weights. */
export const importCommand: CommandModule<object, Arguments> = {
  command: 'import <file>',
  describe: 'Make a config and weights of an ONNX or safetensors file, to train on or to use',
  builder: (yargs) =>
    (yargs as Argv<object>)
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'model.onnx or weights.safetensors',
      })
      .options(options)
      .example([
        ['$0 import resnet18.onnx --as configs/resnet18.json', ''],
        ['$0 import resnet18.onnx --as net.json --mean 0.485,0.456,0.406 --deviation 0.229,0.224,0.225', ''],
        ['$0 import weights.safetensors --config configs/lenet5.json --as net.json', ''],
      ])
      .check((values) => {
        const { range, mean, deviation } = values;
        if ((mean === undefined) !== (deviation === undefined))
          throw new Error('--mean and --deviation are given together');
        if (range !== undefined && mean !== undefined)
          throw new Error('--range is for pixels that are as they are; give it, or --mean and --deviation');
        for (const name of ['mean', 'deviation', 'input'] as const)
          if (values[name] !== undefined) numbersOf(name, values[name]);
        return true;
      }) as unknown as Argv<Arguments>,
  handler: (args) => reported((reporter) => importFile(args, reporter)),
};

/** Three numbers between commas. @throws Error with the reason, for yargs to show */
function numbersOf(name: 'mean' | 'deviation' | 'input', text: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const isRight = {
    mean: (value: number) => value >= 0 && value <= 1,
    deviation: (value: number) => value > 0 && value < 1e30,
    input: (value: number) => Number.isInteger(value) && value >= 1 && value <= 4096,
  }[name];
  if (numbers.length === 3 && numbers.every(isRight)) return numbers;
  const expected = {
    mean: 'three numbers from 0 to 1, such as 0.485,0.456,0.406',
    deviation: 'three numbers above 0, such as 0.229,0.224,0.225',
    input: 'channels, height and width, such as 3,224,224',
  }[name];
  throw new Error(`--${name} is ${text}, but needs ${expected}`);
}

function importFile(args: Arguments, reporter: Reporter): void {
  const { file, as, mean, deviation, range, input, classes } = args;
  const weights = args.weights ?? join(dirname(as), `${basename(as, extname(as))}.safetensors`);
  const form = extname(file).toLowerCase();
  if (form !== '.onnx' && form !== '.safetensors') throw unknownForm(file);
  if (form === '.onnx' && args.config !== undefined)
    throw new UserError('--config is for a safetensors file; an ONNX file has its network', ExitCode.usage);
  if (form === '.safetensors' && input !== undefined)
    throw new UserError(
      '--input is for an ONNX file; the config says the size of the images',
      ExitCode.usage,
    );
  requireNew(as, '--as');
  const meaning =
    mean !== undefined && deviation !== undefined
      ? { mean: numbersOf('mean', mean), deviation: numbersOf('deviation', deviation) }
      : range && ofRange(range);
  const imported = readImported(file, {
    meaning,
    input: input === undefined ? undefined : numbersOf('input', input),
    network: args.config,
    classes: classes === undefined ? undefined : namesIn(classes),
    dir: args.data,
    weights,
  });
  if (imported.writes) requireNew(weights, '--weights');
  for (const note of imported.notes) reporter.note(note);
  imported.save();
  writeFileWhole(as, `${JSON.stringify(imported.config, null, 2)}\n`);
  const { network, features } = imported;
  const shape = sampleShape(features).join(' x ');
  print(
    `${file}: ${shape} to ${integer(network.classes)} classes, ${integer(network.parameterCount)} parameters`,
  );
  print(`\nwrote ${as}${imported.writes ? ` and ${weights}` : ''}; next:\n`);
  print(`  ${lockstepCommand} train --config ${quoted(as)} --data DIR`);
  if (imported.isComplete)
    print(`  ${lockstepCommand} predict ${quoted(imported.writes ? weights : file)} IMAGES`);
}

function namesIn(file: string): readonly string[] {
  const names = readClassNames(dirname(file), basename(file))?.names;
  if (names !== undefined) return names;
  throw new UserError(`--classes ${file}: there is no such file`, ExitCode.usage);
}
