import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, ImageError, UserError } from '#lockstep/index.js';

const test = suite('errors');

test('an error shows its code, and its exit code for the command', () => {
  const error = new UserError('no such folder', ExitCode.data, { path: 'images' });
  assert.equal(JSON.parse(JSON.stringify(error)), {
    name: 'UserError',
    code: 'data',
    exitCode: 3,
    path: 'images',
  });
  assert.match(inspect(error), /code: 'data'/);
  for (const [code, exitCode] of Object.entries(ExitCode)) assert.is(new UserError('', exitCode).code, code);
});

test('an image that cannot be used is an error of its own name', () => {
  const error = new ImageError('a.png', 'it is empty');
  assert.instance(error, UserError);
  assert.equal([error.name, error.code, error.path], ['ImageError', 'data', 'a.png']);
  assert.match(String(error), /^ImageError: a\.png cannot be used/);
});

test.run();
