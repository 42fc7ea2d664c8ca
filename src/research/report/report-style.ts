/** How the HTML report looks. Fonts are the machine's own; nothing is loaded. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #23211c; --soft: #6b665c; --line: #e4e0d6; --accent: #1f5f74; --tint: #e6eff1; --mark: #fdf0c2; --warn: #8c3b1c; --shadow: 0 12px 40px rgb(40 34 20 / 16%), 0 2px 6px rgb(40 34 20 / 8%);
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Source Serif 4", "Noto Serif", "DejaVu Serif", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #191a1c; --card: #232528; --ink: #e4e1da; --soft: #a19c91; --line: #35373a; --accent: #8cc4d6; --tint: #24343a; --mark: #54481c; --warn: #f0a07c; --shadow: 0 12px 40px rgb(0 0 0 / 55%), 0 2px 6px rgb(0 0 0 / 40%); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.65 var(--serif); overflow-wrap: break-word; }
main { max-width: 42rem; margin: 0 auto; padding: clamp(2rem, 7vw, 5rem) 1.25rem 6rem; }
header { margin-bottom: 2.75rem; padding-bottom: 1.5rem; border-bottom: 1px solid var(--line); }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; text-wrap: balance; font-weight: 600; }
h1 { font-size: clamp(1.8rem, 5.5vw, 2.5rem); line-height: 1.16; letter-spacing: -0.012em; margin: 0 0 1rem; }
h2 { font-size: 1.4rem; margin: 2.6rem 0 0.7rem; letter-spacing: -0.005em; }
h3 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
h4, h5, h6 { font-size: 1rem; margin: 1.6rem 0 0.4rem; }
p { margin: 0 0 1.1rem; text-wrap: pretty; hanging-punctuation: first; }
ul, ol { padding-left: 1.4rem; margin: 0 0 1.1rem; }
li { margin-bottom: 0.4rem; }
li::marker { color: var(--soft); }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
code { font-size: 0.88em; background: var(--tint); padding: 0.1em 0.3em; border-radius: 3px; }
pre { overflow-x: auto; background: var(--tint); padding: 1rem; border-radius: 6px; }
pre code { padding: 0; background: none; }
blockquote { margin: 0 0 1.1rem; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
hr { border: 0; border-top: 1px solid var(--line); margin: 2.5rem 0; }
.table { overflow-x: auto; margin: 0 0 1.4rem; }
table { border-collapse: collapse; font: 0.92rem/1.45 var(--sans); min-width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; border-bottom-color: var(--soft); }
.right { text-align: right; } .center { text-align: center; }
.question { color: var(--soft); font-style: italic; margin: 0 0 1.2rem; }
.facts { font: 0.86rem/1.5 var(--sans); color: var(--soft); margin: 0; }
.facts > * + *::before { content: "\\00b7"; margin: 0 0.5em; opacity: 0.6; }
.facts .outcome { color: var(--ink); font-weight: 600; }
.reasons { font: 0.86rem/1.5 var(--sans); color: var(--soft); margin: 0.6rem 0 0; }
.cites { white-space: nowrap; }
.cite { font: 600 0.68rem/1 var(--sans); font-variant-numeric: tabular-nums; color: var(--accent); background: var(--tint); border: 0; border-radius: 0.55em; padding: 0.28em 0.48em; margin: 0 0 0 0.18em; min-width: 1.75em; cursor: pointer; position: relative; top: -0.3em; transition: background 0.12s, color 0.12s; }
.cite::after { content: ""; position: absolute; inset: -0.65em -0.2em; }
.cite:hover, .cite[aria-expanded="true"] { background: var(--accent); color: var(--paper); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.unsupported { font: 600 0.72rem/1 var(--sans); color: var(--warn); border: 1px solid currentcolor; border-radius: 0.5em; padding: 0.2em 0.45em; margin-left: 0.25em; white-space: nowrap; }
.card { margin: 0; inset: auto; width: min(26rem, calc(100vw - 2rem)); max-height: min(32rem, 78vh); overflow: auto; padding: 1.1rem 1.25rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: var(--ink); box-shadow: var(--shadow); font: 0.95rem/1.55 var(--serif); text-align: left; }
.card:popover-open { position: fixed; }
.card p { margin: 0 0 0.8rem; text-wrap: wrap; }
.card .context { color: var(--soft); }
.card mark { background: var(--mark); color: var(--ink); padding: 0.08em 0.12em; border-radius: 2px; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.card .origin { font: 0.8rem/1.45 var(--sans); color: var(--soft); border-top: 1px solid var(--line); padding-top: 0.7rem; margin: 0; }
.card .origin strong { color: var(--ink); font-weight: 600; display: block; }
.card .origin a { white-space: nowrap; }
.sources { font: 0.9rem/1.5 var(--sans); margin-top: 3.5rem; padding-top: 0.5rem; border-top: 1px solid var(--line); }
.sources h2 { font: 600 0.82rem/1.3 var(--sans); color: var(--soft); margin: 1.2rem 0 1rem; letter-spacing: 0.02em; }
.sources ol { list-style: none; padding: 0; margin: 0; counter-reset: source; }
.sources li { counter-increment: source; position: relative; padding-left: 2.2rem; margin-bottom: 1.1rem; scroll-margin-top: 2rem; }
.sources li::before { content: counter(source); position: absolute; left: 0; top: 0.1em; font: 600 0.75rem/1.5 var(--sans); font-variant-numeric: tabular-nums; color: var(--accent); background: var(--tint); border-radius: 0.5em; min-width: 1.5em; padding: 0 0.4em; text-align: center; }
.sources .about { color: var(--soft); display: block; }
.sources .name { font-weight: 600; color: var(--ink); text-decoration-color: var(--line); }
.sources .address { display: none; }
footer { font: 0.82rem/1.55 var(--sans); color: var(--soft); margin-top: 2.5rem; }
@media (max-width: 34rem) {
  body { font-size: 1.0625rem; }
  .card { width: auto; max-width: none; max-height: 60vh; border-radius: 14px 14px 0 0; border-width: 1px 0 0; padding-bottom: max(1.25rem, env(safe-area-inset-bottom)); }
  .card:popover-open { inset: auto 0 0 0 !important; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } * { transition: none !important; } }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --accent: #000; --tint: transparent; color-scheme: light; }
  @page { margin: 20mm 18mm; }
  body { font-size: 10.5pt; line-height: 1.5; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 20pt; } h2 { font-size: 14pt; }
  h1, h2, h3, h4 { break-after: avoid; }
  p, li, blockquote { orphans: 3; widows: 3; }
  tr, .sources li { break-inside: avoid; }
  .card { display: none; }
  .cite { padding: 0; margin: 0; background: none; min-width: 0; }
  .cites::before { content: "["; font-size: 0.75em; position: relative; top: -0.3em; } .cites::after { content: "]"; font-size: 0.75em; position: relative; top: -0.3em; } .cite + .cite::before { content: ", "; }
  .sources .address { display: block; color: #444; word-break: break-all; }
  a { color: inherit; text-decoration: none; }
}
`;
