/**
 * The chart library, loaded when the first picture is drawn. The bundle, not the modules that a line chart needs: those are hundreds of
 * files, which take 40 MB more and longer to load.
 */
export const loadEcharts = (): Promise<typeof import('echarts')> =>
  import('echarts/dist/echarts.esm.min.mjs');
