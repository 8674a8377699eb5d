import { argumentError, isObject } from './argument-error.js';
import type { GradientReport, LayersCheck, LossCheck, OperatorCheck } from './gradients/check.js';

/**
 * Holds analytic gradients against central differences: of an own operator or an own loss, with respect to its inputs and parameters, or of
 * the layers of a network. Inputs are random, from a seed.
 * @throws UserError where shapes do not fit; and with `throws` where it does not pass
 */
export async function checkGradients(what: OperatorCheck | LossCheck | LayersCheck): Promise<GradientReport> {
  if (!isObject(what))
    throw argumentError(
      'checkGradients',
      '{ operator, input }, { loss, classes } or { layers, input }',
      what,
      'what',
    );
  const { reportOf } = await import('./gradients/report.js');
  if ('operator' in what)
    return reportOf(what, (await import('./gradients/operator.js')).checkOperator(what));
  if ('loss' in what) return reportOf(what, (await import('./gradients/loss.js')).checkLoss(what));
  return reportOf(what, await (await import('./gradients/layers.js')).checkLayers(what));
}
