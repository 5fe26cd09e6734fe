import { createHash } from 'node:crypto';

/**
 * The look of all pages: the fonts of the reader's system, light or dark as the system is, readable from 320 px on.
 * Text has a contrast of at least 4.5 to 1 in both, states are told in words as well as in colour.
 */
const BASE = `
:root {
  color-scheme: light dark;
  --page: #f4f6f8; --card: #fff; --text: #18212b; --soft: #51606f; --line: #d3dae1; --link: #0a58a6; --on-link: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11161c; --card: #1a2129; --text: #e7edf3; --soft: #a4b1be; --line: #35404c; --link: #86bdf7; --on-link: #0c1a29;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, Segoe UI, Roboto, Hiragino Sans, Noto Sans CJK JP, Noto Sans JP, Meiryo, sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1.625rem; line-height: 1.3; text-wrap: balance; }
p { margin: .5rem 0 0; }
p, dd { text-wrap: pretty; }
:lang(ja) { line-break: strict; }
:lang(ja) :is(h1, p, dd) { word-break: auto-phrase; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 4px; }
`;

const ERROR_PAGE = `
body { display: grid; min-height: 100vh; place-items: center; padding: 1.5rem 1rem; }
main { width: 100%; max-width: 36rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.code { margin: 0 0 .25rem; color: var(--soft); font-weight: 600; letter-spacing: .04em; }
.links { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0; }
.links a { margin-top: 1.5rem; padding: .5rem 1.25rem; border: 1px solid var(--link); border-radius: 8px; font-weight: 600; text-decoration: none; }
#retry { background: var(--link); color: var(--on-link); }
.links a:hover { text-decoration: underline; }
.tell { margin-top: 1.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9375rem; }
dl { margin: .75rem 0 0; font-size: .9375rem; }
dl div { display: grid; grid-template-columns: 9rem 1fr; gap: 0 1rem; padding: .25rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9375em; user-select: all; }
@media (max-width: 30rem) {
  main { padding: 1.5rem 1.25rem; }
  h1 { font-size: 1.375rem; }
  dl div { grid-template-columns: 1fr; }
}
`;

const PORTAL = `
:root { --good: #14703a; --bad: #b3261e; --busy: #8a5300; }
@media (prefers-color-scheme: dark) { :root { --good: #6ad79a; --bad: #ff9c92; --busy: #f2c46b; } }
body { max-width: 70rem; margin: 0 auto; padding: 2.5rem 1.5rem 2rem; }
header p, footer { color: var(--soft); }
.tools { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: .75rem 1.5rem; margin-top: 1.5rem; }
.tools p { margin: 0; }
label { display: block; color: var(--soft); font-size: .9375rem; }
input {
  width: 20rem; max-width: 100%; padding: .5rem .75rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--soft); border-radius: 8px;
}
ul { list-style: none; margin: 0; padding: 0; }
#desktops { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 1rem; margin-top: 1.25rem; }
#desktops > li {
  position: relative; display: flex; flex-direction: column; padding: 1.125rem 1.25rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 12px;
}
#desktops > li:hover { border-color: var(--link); }
#desktops > li:has(:focus-visible) { outline: 3px solid var(--link); outline-offset: 2px; }
#desktops > li > div { display: flex; flex: 1; flex-direction: column; align-items: start; }
#desktops a { font-size: 1.125rem; font-weight: 600; text-decoration: none; outline: none; }
#desktops a::after { content: ""; position: absolute; inset: 0; border-radius: 12px; }
#desktops > li:hover a { text-decoration: underline; }
.address { color: var(--soft); font-size: .9375rem; font-variant-numeric: tabular-nums; }
.tags { display: flex; flex-wrap: wrap; gap: .375rem; margin-top: .5rem; }
.tags li { padding: 0 .5rem; border: 1px solid var(--line); border-radius: 6px; color: var(--soft); font-size: .8125rem; }
.state { display: flex; gap: .5rem; align-items: center; margin-top: auto; padding-top: .75rem; color: var(--soft); font-size: .9375rem; }
.state::before { content: ""; flex: none; width: .625rem; height: .625rem; border: 2px solid currentcolor; border-radius: 50%; }
[data-state=answers] .state { color: var(--good); }
[data-state=answers] .state::before { background: currentcolor; }
[data-state=silent] .state { color: var(--bad); }
[data-state=silent] .state::before { border-radius: 0; background: currentcolor; }
[data-state=maintenance] .state, [data-state=draining] .state { color: var(--busy); }
[data-state=maintenance] .state::before, [data-state=draining] .state::before { border-radius: 0; transform: rotate(45deg) scale(.85); }
.empty { padding: 1.5rem; background: var(--card); border: 1px dashed var(--line); border-radius: 12px; margin-top: 1.5rem; }
footer { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .9375rem; }
footer p { margin: 0; }
@media (max-width: 30rem) { body { padding: 1.5rem 1rem; } h1 { font-size: 1.5rem; } input { width: 100%; } search { width: 100%; } }
`;

/** The style sheets, each in one line, as they stand in the pages. */
export const ERROR_STYLE = oneLine(BASE + ERROR_PAGE);
export const PORTAL_STYLE = oneLine(BASE + PORTAL);

/** The source that a Content-Security-Policy allows an inline style or script by: `'sha256-…'`. */
export function sourceHash(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

function oneLine(css: string): string {
  return css
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;\}/g, '}')
    .trim();
}
