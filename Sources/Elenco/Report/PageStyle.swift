import Shared

/// The style of the report page.
enum PageStyle {
  static let html: HTML = """
    :root{color-scheme:light dark;--back:#fff;--panel:#f4f6f8;--text:#1b1f24;--muted:#515a64;--line:#ccd2d9;\
    --work:#5592c6;--activity:#0a4072;--curve:#0a5ea8;--area:#5592c6;--range:#b9c4cf;--refused:#b3261e;\
    --paused:#a35c00;--good:#1a6b34;--link:#0a5ea8}
    @media(prefers-color-scheme:dark){:root{--back:#13171c;--panel:#1d232a;--text:#e6eaef;--muted:#a6b0bb;--line:#3a434d;\
    --work:#3f79ab;--activity:#b5dcfb;--curve:#7cc0f5;--area:#4c8dc2;--range:#4a5560;--refused:#ff8f7d;--paused:#f0ab3c;\
    --good:#6fd18d;--link:#7cc0f5}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:76rem;padding:1rem 1.25rem 3rem;background:var(--back);color:var(--text);\
    font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
    h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}
    h2{font-size:1.25rem;margin:2.25rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
    h3{font-size:1rem;margin:0}
    p{margin:.5rem 0;max-width:60rem}
    a{color:var(--link)}
    a:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    header p,footer p,.note{color:var(--muted);font-size:.9rem}
    nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.5rem 0;padding:0}
    code{font:.85em/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
    .state{border-left:.35rem solid var(--muted);background:var(--panel);padding:.6rem .8rem;max-width:none}
    .state.good{border-color:var(--good)}.state.bad{border-color:var(--refused)}
    .state span{display:inline-block;min-width:1.2em;font-weight:700}
    .numbers{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.5rem;margin:1rem 0}
    .numbers div{display:flex;flex-direction:column-reverse;justify-content:flex-end;background:var(--panel);\
    padding:.5rem .75rem;border-radius:.3rem}
    .numbers dt{color:var(--muted);font-size:.85rem}
    .numbers dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    .facts div{display:grid;grid-template-columns:7rem 1fr;gap:.5rem;padding:.15rem 0}
    .facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
    .scroll{overflow-x:auto;margin:.75rem 0;max-width:100%}
    table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
    caption{text-align:left;color:var(--muted);padding:.25rem 0;max-width:60rem}
    th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
    th:first-child{text-align:left;padding-left:0}
    thead th{color:var(--muted);font-weight:600}
    .text{text-align:left;white-space:normal;min-width:14rem;max-width:34rem}
    .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.25rem 0;padding:0;font-size:.85rem;\
    color:var(--muted)}
    .key{vertical-align:-.1em;margin-right:.4em;overflow:visible}
    .chart{margin:1.25rem 0 1.75rem}
    figcaption p{margin:.25rem 0}
    svg{display:block;overflow:visible}.key{display:inline-block}
    svg text{font-size:12px;fill:var(--muted);font-family:inherit}
    .value{paint-order:stroke;stroke:var(--back);stroke-width:3px;stroke-linejoin:round}
    .grid,.tick,.base{stroke:var(--line)}text.tick{stroke:none}.base{stroke:var(--muted)}
    .cut{stroke:var(--muted);stroke-dasharray:2 3;stroke-width:2}
    path{vector-effect:non-scaling-stroke}
    .area{fill:var(--area)}.range{fill:var(--range)}
    .line{fill:none;stroke:var(--curve);stroke-width:2.5}
    .ceiling,.forecast{fill:none;stroke:var(--text);stroke-width:1.5;stroke-dasharray:6 4}
    .refused{fill:var(--refused)}.paused{fill:var(--paused)}
    .work{fill:var(--work)}.activity{fill:var(--activity)}
    .gap{fill:none;stroke:var(--refused);stroke-width:1.5;stroke-dasharray:3 3}
    .story{list-style:none;margin:.75rem 0;padding:0;max-width:60rem}
    .story li{display:grid;grid-template-columns:max-content 1fr;gap:0 .9rem;padding:.3rem .6rem;border-left:.25rem solid \
    var(--line)}
    .story .notable{border-color:var(--refused)}
    .when{color:var(--muted);font-variant-numeric:tabular-nums}
    .scroll.long{max-height:24rem;overflow:auto;border-bottom:2px solid var(--line)}
    .lanes{list-style:none;margin:0;padding:0}
    .lane{display:grid;grid-template-columns:4.5rem minmax(0,1fr) 16rem;gap:0 .6rem;align-items:center;font-size:.8rem;\
    line-height:1.25;min-height:1.3rem}
    .name{font-weight:600;font-variant-numeric:tabular-nums}
    .what{color:var(--muted)}.what strong{color:var(--text)}
    .strip{background:var(--panel)}
    .mark,svg text.mark{font-size:13px;font-weight:700;fill:var(--refused);color:var(--refused)}
    svg text.mark{paint-order:stroke;stroke:var(--back);stroke-width:3px}
    svg text.stopped,.stopped{font-size:11px}
    @media(max-width:44rem){body{padding:.5rem .75rem 2rem}
    .lane{grid-template-columns:3.6rem minmax(0,1fr);column-gap:.4rem}.lane>.what{grid-column:2;padding-bottom:.3rem}
    .axis>:last-child,.quiet>.what{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .facts div{grid-template-columns:1fr;gap:0}.numbers{grid-template-columns:repeat(auto-fill,minmax(8rem,1fr))}\
    .story li{grid-template-columns:1fr}}
    @media print{:root{--back:#fff;--panel:#f4f6f8;--text:#000;--muted:#333;--line:#bbb;--work:#5592c6;--activity:#0a4072;\
    --curve:#0a5ea8;--area:#5592c6;--range:#b9c4cf;--refused:#b3261e;--paused:#a35c00;--good:#1a6b34;--link:#000}
    html{font-size:11px}body{max-width:none;padding:0;font-size:1rem;print-color-adjust:exact;-webkit-print-color-adjust:exact}nav{display:none}
    .chart,.lane,tr,.state,.story li{break-inside:avoid}h2,h3{break-after:avoid}.scroll,.scroll.long{overflow:visible;max-height:none}
    table{font-size:8.5px}th,td{padding:.1rem .3rem}.text{min-width:0}}
    """

  /// The hash by which the page's policy allows the style, in base64.
  static let sha256 = sha256(of: html.text)

  static func sha256(of style: String) -> String { SHA256.base64(of: Array(style.utf8)) }
}
