import { chartColors } from '../charts/theme.js';

/** The style sheet of every page: light and dark, a phone's width and a desk's, screen and paper. */

const values = (mode: 'light' | 'dark') =>
  chartColors.map((color) => `${color.property}:${color[mode]}`).join(';');

export const styleSheet = `
:root{color-scheme:light dark;${values('light')};--muted:#595f66;--line:#d5d9dd;--panel:#f5f6f8;--link:#0059a8;--heat:0 90 160;--heat-ink:#fff;--warn:#8a4b00;--warn-panel:#fff5e0;--shade:#00000038}
@media screen and (prefers-color-scheme:dark){:root{${values('dark')};--muted:#a9b1ba;--line:#3a4047;--panel:#1f2429;--link:#7cc0f5;--heat:110 190 245;--heat-ink:#0b1116;--warn:#f2c47a;--warn-panel:#33290f;--shade:#000000b0}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0 auto;padding:1.5rem 1.25rem 4rem;max-width:72rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .35rem}
h2{font-size:1.3rem;line-height:1.3;margin:2.75rem 0 .75rem;padding-top:1.25rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--link)}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875rem}
pre{margin:.5rem 0;padding:.75rem 1rem;background:var(--panel);border-radius:.375rem;white-space:pre-wrap}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
main:focus{outline:none}
.skip{position:absolute;left:-100vw;top:0;padding:.5rem 1rem;background:var(--paper);z-index:2}
.skip:focus{left:1rem}
.lead,.muted{color:var(--muted)}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:0;margin:1rem 0 0}
nav a{display:inline-block;padding:.15rem 0}
.note{max-width:46rem;margin:.75rem 0;padding:.6rem .9rem;background:var(--warn-panel);border-left:4px solid var(--warn);border-radius:0 .375rem .375rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.75rem;margin:1rem 0;padding:0;list-style:none}
.tile{background:var(--panel);border-radius:.5rem;padding:.65rem .85rem}
.tile b{display:block;font-size:1.375rem;line-height:1.3;font-variant-numeric:tabular-nums}
.tile span{display:block;font-size:.875rem;color:var(--muted)}
.side{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem 2rem;align-items:start}
figure{margin:1rem 0;break-inside:avoid}
figure svg{display:block;width:100%;height:auto;max-width:36rem}
figcaption{font-size:.875rem;color:var(--muted);margin-top:.25rem;max-width:46rem}
.scroll{overflow-x:auto;max-width:100%;background:linear-gradient(to right,var(--paper) 40%,transparent) left/2.5rem 100% no-repeat local,linear-gradient(to left,var(--paper) 40%,transparent) right/2.5rem 100% no-repeat local,linear-gradient(to right,var(--shade),transparent) left/1.1rem 100% no-repeat scroll,linear-gradient(to left,var(--shade),transparent) right/1.1rem 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.9375rem;margin:.5rem 0}
caption{overflow-wrap:break-word;text-align:left;font-size:.875rem;color:var(--muted);padding-bottom:.35rem}
caption span{position:sticky;left:0;display:inline-block;max-width:min(46rem,calc(100vw - 2.5rem))}
th,td{max-width:24rem;overflow-wrap:break-word;text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line)}
thead th{vertical-align:bottom;font-weight:600;white-space:nowrap}
tbody th{font-weight:400}
.unbroken{white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
td.n{white-space:nowrap}
th button{font:inherit;color:inherit;background:none;border:0;padding:.15rem 0;cursor:pointer;text-decoration:underline dotted;text-underline-offset:.2em}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
dl.pairs{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:0;margin:.5rem 0;font-size:.9375rem;max-width:46rem}
dl.pairs>div{display:grid;grid-template-columns:subgrid;grid-column:1/-1;border-bottom:1px solid var(--line);padding:.3rem 0;gap:1rem}
dl.pairs dt{color:var(--muted)}
dl.pairs dd{margin:0}
details{margin:1rem 0}
summary{cursor:pointer;padding:.25rem 0}
.pictures{display:flex;flex-wrap:wrap;gap:1rem;padding:0;margin:1rem 0;list-style:none}
.pictures li{break-inside:avoid}
img.pixels{display:block;image-rendering:pixelated;background:var(--panel)}
@media (max-width:30rem){body{padding:1rem 1rem 3rem}h1{font-size:1.4rem}dl.pairs{grid-template-columns:1fr}dl.pairs>div{display:block}}
@media print{body{max-width:none;padding:0;font-size:10pt}.side{grid-template-columns:repeat(2,minmax(0,1fr))}.skip,nav{display:none}.scroll{overflow:visible;background:none}table{font-size:8.5pt}thead th{white-space:normal}h2,h3{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}a{color:inherit;text-decoration:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
