package io.garut.train.run;

/** How the page about a run looks. */
final class ReportStyle {
  static final String CSS =
      """
      :root {
        color-scheme: light dark;
        --paper: #fff; --ink: #1c1c1c; --soft: #616161; --rule: #dcdcdc; --card: #f6f6f4;
        --train: #1f5fa8; --eval: #b4490a;
      }
      @media (prefers-color-scheme: dark) {
        :root {
          --paper: #16181b; --ink: #e6e6e6; --soft: #a3a3a3; --rule: #3a3d42; --card: #202327;
          --train: #7fb4f0; --eval: #f0a060;
        }
      }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
      main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
      h1 { font-size: 1.6rem; overflow-wrap: anywhere; }
      h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
      dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .5rem; margin: 0; }
      dl div { background: var(--card); padding: .5rem .75rem; border-radius: .4rem; }
      dt, .legend, small, .none { color: var(--soft); font-size: .85rem; font-weight: normal; }
      dd { margin: 0; font-variant-numeric: tabular-nums; }
      .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 0 1.5rem; }
      svg { display: block; width: 100%; height: auto; }
      svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
      .pair svg text { font-size: 16px; }
      @media (min-width: 60rem) { main > svg text { font-size: 9px; } }
      @media (max-width: 40rem) { main > svg text, .pair svg text { font-size: 22px; } }
      .grid { stroke: var(--rule); fill: none; }
      .line { fill: none; stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
      .raw { stroke: var(--train); stroke-width: 1; opacity: .35; }
      .train { stroke: var(--train); }
      .eval { stroke: var(--eval); }
      .dot { fill: var(--paper); stroke-width: 2; }
      .legend span { margin-right: 1.25rem; white-space: nowrap; }
      .legend i { display: inline-block; width: 1.5rem; border-top: 2px solid; vertical-align: middle; margin-right: .4rem; }
      .scroll { overflow-x: auto; }
      table { border-collapse: collapse; font-size: .9rem; }
      th, td { border-top: 1px solid var(--rule); padding: .4rem .75rem; text-align: left; vertical-align: top; }
      th[scope=row] { font-weight: normal; color: var(--soft); white-space: nowrap; }
      td { overflow-wrap: anywhere; }
      .samples td { min-width: min(17rem, 75vw); white-space: pre-wrap; border-top: 0; }
      .samples td + td, .samples thead th + th { border-left: 1px solid var(--rule); }
      .samples thead th:target { background: var(--card); box-shadow: inset 0 3px var(--eval); }
      .prompt { position: sticky; left: .75rem; max-width: min(60rem, 80vw); white-space: pre-wrap; }
      """;

  static final String LEGEND =
      """
      <p class="legend"><span><i style="color: var(--train); opacity: .35"></i>training, each step</span>
      <span><i style="color: var(--train)"></i>training, smoothed</span>
      <span><i style="color: var(--eval)"></i>evaluation (a dot leads to its samples)</span></p>
      """;

  private ReportStyle() {}
}
