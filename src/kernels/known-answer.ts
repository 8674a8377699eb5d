import { activationChecks } from './activation/cases.js';
import { answerOf, CaseMemory, type Check, caseBytes } from './case.js';
import { convChecks } from './conv/cases.js';
import { dropoutChecks } from './dropout/cases.js';
import { gemmChecks } from './gemm/cases.js';
import { type CompiledKernels, instantiateKernels, type SharedMemory } from './kernels.js';
import { layoutChecks } from './layout/cases.js';
import { lossChecks } from './loss/cases.js';
import { normChecks } from './norm/cases.js';
import { groupNormChecks } from './norm/group-norm-cases.js';
import { optimizerChecks } from './optimizer/cases.js';
import { poolChecks } from './pool/cases.js';
import { samplesChecks } from './samples/cases.js';
import type { Signatures } from './signatures.js';
import { winogradChecks } from './winograd/cases.js';

export type KernelChecks = Readonly<Record<keyof Signatures, Check>>;

/** Every kernel's check: a kernel without one does not compile. */
export const kernelChecks: KernelChecks = {
  ...gemmChecks,
  ...convChecks,
  ...winogradChecks,
  ...poolChecks,
  ...normChecks,
  ...groupNormChecks,
  ...activationChecks,
  ...dropoutChecks,
  ...lossChecks,
  ...optimizerChecks,
  ...layoutChecks,
  ...samplesChecks,
};

/** Bytes of the memory in which the kernels are checked. */
export const checkBytes = caseBytes;

/** The kernels whose bits are not their known answer's. All together take a few milliseconds, and their compilation. */
export function wrongKernels(
  compiled: CompiledKernels,
  memory: SharedMemory,
  checks: KernelChecks = kernelChecks,
): string[] {
  const kernels = instantiateKernels(compiled, memory);
  const cases = new CaseMemory(memory);
  return Object.entries(checks)
    .filter(([, check]) => answerOf(check, kernels, cases) !== check.answer)
    .map(([name]) => name);
}
