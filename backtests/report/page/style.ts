/** Colours are variables, so that the dark form is one block; both meet 4.5:1 for text. */
export const REPORT_STYLE = `
:root { --bg:#f6f7f9; --card:#fff; --ink:#161b26; --soft:#5a6478; --line:#dfe3ea; --up:#0b7a5b;
  --down:#c2263a; --accent:#2456d6; --sim:#8a4b00; --simbg:#ffedcc; --area:#2456d61f; --stripe:#f2f4f8; }
@media (prefers-color-scheme: dark) { :root { --bg:#0e1117; --card:#161b24; --ink:#e6e9ef;
  --soft:#98a3b8; --line:#2a3240; --up:#34c795; --down:#ff6b78; --accent:#7aa2ff; --sim:#ffd08a;
  --simbg:#4a3208; --area:#7aa2ff26; --stripe:#1b212c; } }
* { box-sizing:border-box; }
body { margin:0; padding:0; max-width:none; overflow-wrap:normal;
  background:var(--bg); color:var(--ink); font:14px/1.45 system-ui,-apple-system,
  "Segoe UI",Roboto,sans-serif; font-variant-numeric:tabular-nums; }
.top { position:sticky; top:0; z-index:20; display:flex; gap:.4rem 1rem; flex-wrap:wrap;
  align-items:baseline; padding:.55rem 1.25rem; background:var(--card);
  border-bottom:1px solid var(--line); }
.top h1 { font-size:1rem; margin:0; letter-spacing:-.01em; } .top span { color:var(--soft); }
main { max-width:1560px; margin:0 auto; padding:1rem 1.25rem 3rem; display:grid; gap:1rem;
  grid-template-columns:repeat(2,minmax(0,1fr)); }
section { background:var(--card); border:1px solid var(--line); border-radius:10px;
  padding:.9rem 1rem 1rem; min-width:0; }
.wide { grid-column:1/-1; }
h2 { font-size:.95rem; margin:0 0 .6rem; display:flex; gap:.6rem; align-items:center; }
h3 { font-size:.8rem; margin:1rem 0 .4rem; color:var(--soft); font-weight:600; }
.sim { background:var(--simbg); color:var(--sim) !important; border-radius:4px; font-size:.68rem;
  font-weight:700; letter-spacing:.05em; padding:.1rem .4rem; }
.note,.small,.none { color:var(--soft); margin:0 0 .6rem; } .small { font-size:.75rem; margin:.3rem 0; }
.good { color:var(--up); } .bad { color:var(--down); }
.kpis { grid-column:1/-1; display:grid; gap:.75rem;
  grid-template-columns:repeat(6,minmax(0,1fr)); }
.kpi { background:var(--card); border:1px solid var(--line); border-radius:10px; padding:.65rem .8rem; }
.kpi span { display:block; color:var(--soft); font-size:.74rem; }
.kpi b { display:block; font-size:1.28rem; letter-spacing:-.02em; white-space:nowrap; }
.kpi em { font-style:normal; color:var(--soft); font-size:.74rem; }
.verdict { grid-column:1/-1; margin:0; padding:.7rem 1rem; border-radius:10px; font-weight:600;
  background:var(--card); border:1px solid var(--line); border-left:4px solid var(--soft); }
.verdict.bad { border-left-color:var(--down); color:var(--ink); }
.verdict.good { border-left-color:var(--up); color:var(--ink); }
.scroll { overflow-x:auto; max-width:100%; }
td { height:1.9rem; } table { border-collapse:collapse; width:100%; font-size:.82rem; }
th,td { text-align:right; padding:.3rem .55rem; white-space:nowrap; border-bottom:1px solid var(--line); }
th { color:var(--soft); font-weight:600; font-size:.74rem; } .l { text-align:left; }
tbody tr:hover { background:var(--stripe); }
.heat.good { background:color-mix(in srgb,var(--up) var(--heat),transparent); color:var(--ink); }
.heat.bad { background:color-mix(in srgb,var(--down) var(--heat),transparent); color:var(--ink); }
td.pass { color:var(--up); font-weight:700; } td.miss { color:var(--down); font-weight:700; }
td.unknown { color:var(--soft); }
.plot { position:relative; } .plot svg { display:block; width:100%; height:100%; }
.plot.tall { height:260px; } .plot.low { height:90px; }
.curve { fill:none; stroke:var(--accent); stroke-width:1.6; vector-effect:non-scaling-stroke; }
.curve.b { stroke:var(--down); }
.area { fill:var(--area); } .under { fill:color-mix(in srgb,var(--down) 35%,transparent); }
.zero { stroke:var(--soft); stroke-dasharray:4 4; vector-effect:non-scaling-stroke; }
.axis { position:absolute; right:0; transform:translateY(-50%); font-size:.7rem; color:var(--soft);
  background:color-mix(in srgb,var(--card) 82%,transparent); padding:0 .25rem; border-radius:3px; }
.times { display:flex; justify-content:space-between; font-size:.72rem; color:var(--soft);
  padding-top:.3rem; }
.bins { display:flex; align-items:flex-end; gap:2px; height:200px; }
.bin { flex:1; height:100%; display:flex; flex-direction:column; justify-content:flex-end; min-width:0; }
.bin b { font-size:.62rem; font-weight:500; color:var(--soft); text-align:center; }
.bin i { display:block; border-radius:2px 2px 0 0; flex:none; max-height:calc(100% - 1rem); }
.binaxis { display:flex; gap:2px; border-top:1px solid var(--line); font-size:.7rem; color:var(--soft); }
.binaxis span { flex:1; min-width:0; }
i.up { background:var(--up); } i.down { background:var(--down); } i.total { background:var(--accent); }
.fall { display:grid; grid-template-columns:minmax(7.5rem,26%) 1fr minmax(5.5rem,auto); gap:.6rem;
  align-items:center; padding:.22rem 0; font-size:.82rem; }
.fall div { position:relative; height:16px; background:var(--stripe); border-radius:3px; }
.fall i { position:absolute; top:0; bottom:0; border-radius:2px; }
.fall u { position:absolute; top:-4px; bottom:-4px; border-left:1px dashed var(--soft); }
.fall b { text-align:right; font-weight:600; } .fall.sum span { font-weight:700; }
.bar { display:flex; flex-wrap:wrap; gap:.35rem; align-items:center; margin-bottom:.5rem; }
button,select { font:inherit; font-size:.78rem; color:var(--ink); background:var(--card);
  border:1px solid var(--line); border-radius:6px; padding:.22rem .55rem; cursor:pointer; }
button[aria-pressed=true] { border-color:var(--accent); color:var(--accent); font-weight:600; }
button:focus-visible,select:focus-visible,tr:focus-visible { outline:2px solid var(--accent); }
.bar .grow { flex:1; } .bar .at { color:var(--soft); font-size:.78rem; }
#chart { height:540px; position:relative; } #hint { min-height:2.6em; margin:.5rem 0 0; color:var(--soft);
  font-size:.8rem; overflow-wrap:anywhere; }
.list { max-height:430px; overflow:auto; } .list th { position:sticky; top:0; background:var(--card); }
.slices { display:grid; gap:.4rem 1.5rem;
  grid-template-columns:repeat(auto-fit,minmax(min(100%,560px),1fr)); align-items:start; }
#trades tbody tr { cursor:pointer; } #trades tr.on { background:var(--area); }
.foot { grid-column:1/-1; color:var(--soft); font-size:.76rem; overflow-wrap:anywhere; }
.foot code { font-size:.95em; }
.a { color:var(--accent); } .b2 { color:var(--down); }
@media (max-width:900px) { main { grid-template-columns:minmax(0,1fr); padding:.75rem .6rem 2rem; }
  section { padding:.75rem .7rem; } .top { padding:.45rem .7rem; font-size:.76rem; gap:.1rem .7rem; }
  #chart { height:400px; } .plot.tall { height:200px; } .kpis { grid-template-columns:1fr 1fr; gap:.5rem; }
  .bin b { display:none; } .fall { grid-template-columns:6.2rem 1fr auto; font-size:.76rem; } }
@media print { .top { position:static; } section { break-inside:avoid; } }
`;
