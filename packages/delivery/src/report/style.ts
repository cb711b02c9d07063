/** The report's looks, in light and in dark. Colours are told apart with a colour-blind eye too. */
export const style = `
:root { color-scheme: light dark; --ink: #1a1c1e; --quiet: #5c6470; --line: #d8dce2; --paper: #fff;
  --good: #1b7f4b; --bad: #b3261e; --unclear: #8a6100; --canary: #c2410c; --baseline: #1d63c4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --quiet: #9aa3af; --line: #3a4048; --paper: #16181b;
  --good: #5dc98f; --bad: #ff8a80; --unclear: #e0b44c; --canary: #fb923c; --baseline: #74a9f7; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 720px; margin: 0 auto; padding: 24px 16px 48px; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 32px; }
section { border-top: 1px solid var(--line); padding-top: 4px; margin-top: 20px; }
.score { margin: 0; }
.score strong { font-size: 48px; line-height: 1; }
.tag { border: 1px solid currentColor; border-radius: 4px; padding: 1px 7px; font-size: 13px; font-weight: 600;
  color: var(--quiet); white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .unclear { color: var(--unclear); }
.quiet { color: var(--quiet); }
.warning { border-left: 3px solid var(--unclear); padding-left: 10px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; display: block;
  overflow-x: auto; }
th, td { text-align: right; padding: 3px 8px; font-weight: normal; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child { text-align: left; }
thead th { color: var(--quiet); }
th i { display: inline-block; width: 18px; vertical-align: middle; border-top: 2px solid var(--canary); }
th.baseline i { border-top: 2px dashed var(--baseline); }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--quiet); font-size: 11px; }
svg .level { text-anchor: end; dominant-baseline: middle; }
svg .last { text-anchor: end; }
svg path { fill: none; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .canary { stroke: var(--canary); }
svg .baseline { stroke: var(--baseline); stroke-dasharray: 4 3; }
`;
