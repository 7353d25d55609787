/// The style sheet of a report, for light, dark and narrow screens and for paper.
///
/// Colours are named once, for light and for dark. Text reaches a contrast of at least 4.5 to 1, and what is drawn
/// 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11); no colour says anything that a pattern or a word does not say too.
enum ReportStyle {
    static let sheet = colors + page + tables + plots + narrow + print

    private static let colors = """
        :root { color-scheme: light dark;
          --paper: #fdfcfa; --raised: #f5f3ee; --ink: #1f2428; --muted: #5c6268; --rule: #dddad2; --grid: #e6e3dc;
          --clear: #16766f; --fresh: #cfe7e3; --fresh-ink: #16766f; --previous: #c2651f; --previous-ink: #f6d3b4;
          --mixed: #f3dc9b; --mixed-ink: #8a6200; --overdue: #a3271f; --overdue-ink: #f1b3ac;
          --absent: #e6d8ea; --absent-ink: #77448a; --failing: #e3e5e7; --failing-ink: #666d74;
          --silent: #eef0f1; --silent-ink: #767d84; --area: #dcedea; --accent: #3b4f9c; --nobody: #ece9e2; }
        @media screen and (prefers-color-scheme: dark) { :root {
          --paper: #15181b; --raised: #1d2125; --ink: #e7e5e0; --muted: #a3a8ad; --rule: #343a40; --grid: #2a2f34;
          --clear: #3fb3a6; --fresh: #17403c; --fresh-ink: #57c2b5; --previous: #d9833f; --previous-ink: #5c2f0c;
          --mixed: #4a3c12; --mixed-ink: #d9b24a; --overdue: #e0675d; --overdue-ink: #5a1510;
          --absent: #3d2a45; --absent-ink: #bd8fd0; --failing: #30353a; --failing-ink: #949ba2;
          --silent: #23282c; --silent-ink: #868d94; --area: #18332f; --accent: #98a9ee; --nobody: #22262a; } }

        """

    private static let page = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0 auto; padding: 2.5rem 1.5rem 3rem; max-width: 66rem; background: var(--paper);
          color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
        h1 { margin: 0; font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em;
          overflow-wrap: anywhere; }
        h1 .kind { display: block; margin-bottom: .3rem; font-size: .8125rem; font-weight: 500;
          letter-spacing: .08em; text-transform: uppercase; color: var(--muted); }
        h2 { margin: 0 0 .35rem; font-size: 1.1875rem; line-height: 1.3; font-weight: 620; }
        p { margin: 0 0 .75rem; max-width: 46rem; }
        time { white-space: nowrap; }
        .lead { margin-top: 1rem; }
        .headline { margin-bottom: .35rem; padding-left: .75rem; border-left: 4px solid var(--muted);
          max-width: none; font-size: 1.1875rem; line-height: 1.4; }
        .phase-second_pass_safe, .phase-decommission_safe, .phase-propagated { border-color: var(--clear); }
        .phase-propagating, .phase-publishing { border-color: var(--mixed-ink); }
        .phase-unpublished { border-color: var(--previous); }
        .note, footer { color: var(--muted); font-size: .9375rem; }
        .figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; margin: 1.5rem 0 0;
          border: 1px solid var(--rule); border-radius: 10px; background: var(--rule); overflow: hidden; }
        .figures div { padding: .85rem 1rem; background: var(--raised); }
        .figures dt { color: var(--muted); font-size: .875rem; }
        .figures dd { margin: 0; font-size: .8125rem; color: var(--muted); }
        .figures strong { display: block; font-size: 1.125rem; line-height: 1.45; font-weight: 620;
          color: var(--ink); }
        .figures .nothing strong { font-weight: 400; color: var(--muted); }
        section { margin-top: 2.75rem; }
        footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: .875rem; }
        footer p { margin-bottom: .35rem; }
        .hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden;
          clip-path: inset(50%); white-space: nowrap; }
        .events { margin: .5rem 0 0; padding: 0; list-style: none; }
        .events li { display: grid; grid-template-columns: 11.5rem 1fr; gap: 0 1rem; padding: .35rem 0;
          border-top: 1px solid var(--grid); font-size: .9375rem; }
        .events time { color: var(--muted); }
        details { margin-top: .75rem; font-size: .9375rem; }
        summary { width: max-content; max-width: 100%; cursor: pointer; color: var(--accent); }
        summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }

        """

    private static let tables = """
        .scroll { overflow-x: auto; }
        table { width: 100%; margin-top: .5rem; border-collapse: collapse; font-size: .9375rem; }
        th, td { padding: .4rem 1rem .4rem 0; text-align: left; vertical-align: top; font-weight: 400;
          border-top: 1px solid var(--grid); }
        thead th { padding-top: 0; border-top: 0; color: var(--muted); font-size: .8125rem; white-space: nowrap; }
        th:last-child, td:last-child { padding-right: 0; }
        .number { text-align: right; white-space: nowrap; }
        th.number, td.number { padding-right: 2rem; }
        th.number:last-child, td.number:last-child { padding-right: 0; }
        .bars { table-layout: fixed; }
        .bars th:first-child { width: 13rem; }
        .bars th:last-child, .bars td:last-child { width: 6.75rem; padding-left: 1rem; }
        .bars th, .bars td { padding-top: .3rem; padding-bottom: .3rem; vertical-align: middle; }
        .bars thead th { vertical-align: bottom; }
        .bars thead .axis { padding-bottom: 0; }
        .bars tbody th, .bars tbody td { border-top: 0; }
        .bars td.track { padding-left: 0; }
        .bars .name, .bars .address { display: block; overflow: hidden; white-space: nowrap;
          text-overflow: ellipsis; line-height: 1.25; }
        .bars .address { color: var(--muted); font-size: .75rem; }
        .bars .uncounted .name, .bars .uncounted .number { color: var(--muted); }

        """

    private static let plots = """
        figure { margin: 1rem 0 0; }
        svg { display: block; overflow: visible; }
        svg text { font-size: .8125rem; fill: var(--muted); }
        .plot { width: calc(100% - 3.5rem); margin-left: 2.75rem; }
        .bar, svg.axis { width: 100%; }
        .tick { text-anchor: middle; }
        .date { font-size: .75rem; }
        .scale { text-anchor: end; }
        .grid { stroke: var(--grid); }
        .base { stroke: var(--muted); }
        .share { fill: var(--area); shape-rendering: crispEdges; }
        .edge { stroke: var(--clear); stroke-width: 2; stroke-linecap: round; }
        .end { fill: var(--clear); stroke: var(--paper); stroke-width: 2; }
        .nobody { fill: var(--nobody); }
        .level, .dot.level { fill: var(--ink); }
        .bound, .dot.bound { fill: var(--accent); }
        .dot { stroke: var(--paper); stroke-width: 2; }
        .guide { stroke: var(--muted); stroke-dasharray: 1 3; fill: none; }
        .guide.bound { stroke: var(--accent); stroke-dasharray: 5 3; }
        .lane { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
        .lane .name { font-weight: 600; fill: var(--ink); }
        .never .name { font-weight: 400; fill: var(--muted); }
        .left { text-anchor: end; }
        .taken { text-anchor: middle; font-weight: 700; fill: var(--overdue); }
        .published { stroke: var(--ink); stroke-dasharray: 2 2; }
        .clear-at { fill: var(--paper); stroke: var(--ink); stroke-width: 2; }
        .s-clear { fill: var(--clear); }
        .s-target { fill: url(#p-target); } rect.p-target { fill: var(--fresh); } path.p-target { stroke: var(--fresh-ink); }
        .s-previous { fill: url(#p-previous); } rect.p-previous { fill: var(--previous); } path.p-previous { stroke: var(--previous-ink); }
        .s-mixed { fill: url(#p-mixed); } rect.p-mixed { fill: var(--mixed); } path.p-mixed { stroke: var(--mixed-ink); }
        .s-overdue { fill: url(#p-overdue); } rect.p-overdue { fill: var(--overdue); } path.p-overdue { stroke: var(--overdue-ink); }
        .s-no-mx { fill: url(#p-no-mx); } rect.p-no-mx { fill: var(--absent); } path.p-no-mx { stroke: var(--absent-ink); }
        .s-failing { fill: url(#p-failing); } rect.p-failing { fill: var(--failing); } path.p-failing { stroke: var(--failing-ink); }
        .s-silent { fill: url(#p-silent); } rect.p-silent { fill: var(--silent); } path.p-silent { stroke: var(--silent-ink); }
        .s-unknown { fill: none; stroke: var(--silent-ink); stroke-dasharray: 2 3; }
        .veil { fill: url(#p-veil); } rect.p-veil { fill: var(--paper); opacity: .35; } path.p-veil { stroke: var(--paper); stroke-width: 2; }
        pattern path { fill: none; stroke-width: 1.25; }
        .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 1rem; padding: 0;
          list-style: none; font-size: .875rem; }
        .legend li { display: flex; align-items: center; gap: .5rem; }

        """

    private static let narrow = """
        @media screen and (max-width: 44rem) {
          body { padding: 1.5rem 1rem 2rem; }
          h1 { font-size: 1.5rem; }
          .figures { grid-template-columns: repeat(2, 1fr); }
          .figures div { padding: .7rem .75rem; }
          .figures dd { font-size: .75rem; }
          .figures strong { font-size: 1rem; }
          .odd { display: none; }
          .bars, .bars thead, .bars tbody { display: block; }
          .bars tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .15rem .5rem; padding-bottom: .6rem; }
          .bars th, .bars td { width: auto !important; padding: 0 !important; }
          .bars .track, .bars .axis { grid-row: 2; grid-column: 1 / -1; }
          .bars tbody th { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
          .bars .name, .bars .address { display: inline; }
          .middle .when { display: none; }
          .bars .address { margin-left: .5rem; }
          .events li { grid-template-columns: 1fr; }
        }

        """

    private static let print = """
        @page { size: A4; margin: 14mm 15mm; }
        @media print {
          :root { color-scheme: light; }
          html { font-size: 12.5px; }
          body { max-width: none; padding: 0; background: none; font-size: 1rem; print-color-adjust: exact;
            -webkit-print-color-adjust: exact; }
          section { margin-top: 7mm; }
          h2, .note, .legend { break-after: avoid; }
          /* Bars that do not fit beside the rest begin on a page of their own. */
          #bars.many { break-before: page; }
          .bars th:first-child { width: 14rem; }
          .bars tbody tr:first-child { break-before: avoid; }
          th, td { padding-top: .25rem; padding-bottom: .25rem; }
          footer { margin-top: 7mm; break-before: avoid; break-inside: avoid; }
          .events li:last-child { break-after: avoid; }
          p { orphans: 3; widows: 3; }
          tr, li, figure > svg, .figures, .legend { break-inside: avoid; }
          thead { display: table-header-group; }
          .scroll { overflow: visible; }
          .scroll bdi { overflow-wrap: anywhere; }
          .scroll table { font-size: .84rem; }
          .scroll th, .scroll td { padding-right: .75rem; }
          .scroll th.number, .scroll td.number { padding-right: 1.25rem; }
          details { display: none; }
        }

        """
}
