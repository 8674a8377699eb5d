import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import { lanes } from '#lockstep/kernels/kernels.js';
import { bytesOf } from '#lockstep/tensors/safetensors.js';
import { needing } from '../support/needing.js';
import {
  type Case,
  compare,
  type Distance,
  distance,
  exported,
  inputOf,
  shippedCases,
  someDrawn,
} from '../support/onnx-cases.js';
import { chromiumPath, openBrowser } from './browser.js';

/** Exported networks in ONNX Runtime Web, its WebAssembly backend, in Chromium. */
const test = suite('an exported file in a browser');

/** The folder of ONNX Runtime Web's files, where Node finds it, or `NODE_PATH` says. */
function distribution(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  } catch {
    return undefined;
  }
}
const files = distribution();

/** A host that only the page's own requests know. */
const host = 'http://localhost:1';

const types: Readonly<Record<string, string>> = { mjs: 'text/javascript', wasm: 'application/wasm' };

/** What the page uses of ONNX Runtime Web. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads: number; wasmPaths: string } };
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
    ): Promise<{ run(inputs: object): Promise<Record<string, { data: Float32Array }>> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
}

/** In the page: the logits of the case that is served now. */
async function logitsInPage({
  host,
  input,
  output,
  shape,
}: Record<'host' | 'input' | 'output', string> & { shape: number[] }) {
  const runtime = (await import(`${host}/ort.wasm.min.mjs`)) as Runtime;
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = `${host}/`;
  const bytes = async (name: string) => new Uint8Array(await (await fetch(`${host}/${name}`)).arrayBuffer());
  const session = await runtime.InferenceSession.create(await bytes('model.onnx'));
  const images = new Float32Array((await bytes('input')).buffer);
  const given = await session.run({ [input]: new runtime.Tensor('float32', images, shape) });
  return [...given[output]!.data];
}

needing(
  test,
  'Chromium and onnxruntime-web',
  chromiumPath !== undefined && files !== undefined,
)('gives our logits', async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    let served: Case | undefined;
    await page.route(`${host}/**`, (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      if (name === '') return route.fulfill({ contentType: 'text/html', body: '<!doctype html>' });
      if (name === 'model.onnx') return route.fulfill({ body: Buffer.from(exported(served!).bytes) });
      if (name === 'input') return route.fulfill({ body: Buffer.from(bytesOf(inputOf(served!))) });
      const contentType = types[name.split('.').at(-1)!] ?? 'text/plain';
      return route.fulfill({ contentType, body: readFileSync(join(files!, name)) });
    });
    await page.goto(`${host}/`);
    const distances: Distance[] = [];
    for (served of [...shippedCases(), ...someDrawn(10)]) {
      const { input, output } = exported(served);
      const asked = { host, input: input.name, output, shape: [lanes, ...input.shape] };
      distances.push(distance(served, await page.evaluate(logitsInPage, asked)));
    }
    compare('ONNX Runtime Web', distances);
  } finally {
    await browser.close();
  }
});

test.run();
