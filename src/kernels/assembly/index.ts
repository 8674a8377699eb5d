/** The kernels: one WebAssembly module, no state, no memory of its own. Addresses and strides are bytes in the shared memory. */
export * from './activations';
export * from './conv-gradient';
export * from './conv-input-gradient';
export * from './dense';
export * from './dropout';
export * from './embed';
export * from './flat';
export * from './loss';
export * from './pools';
export * from './reframe';
export * from './samples';
export { gatherBytes, gatherFloats, gatherJittered, transpose } from './transpose';
export * from './winners';
export * from './winograd-gradient';
export { packWinogradGrid, winogradGrid } from './winograd-grid';
export { packWinograd, winogradInput, winogradSums } from './winograd';
export { packPanels, weightedSums } from './weighted-sums';
