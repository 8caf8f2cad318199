#include "report/html.h"

namespace dsode::report {

std::string_view page_style() {
  return R"css(
*{box-sizing:border-box}
html{background:var(--page);color:var(--ink);-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:1072px;padding:56px 32px 40px;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,.lead{font-family:Charter,"Bitstream Charter","Iowan Old Style","Palatino Linotype","Source Serif 4",
Georgia,"Liberation Serif",serif;text-wrap:balance}
h1{font-size:2.6rem;line-height:1.12;letter-spacing:-.015em;font-weight:700;margin:0}
h2{font-size:1.55rem;line-height:1.2;letter-spacing:-.01em;margin:0 0 6px}
.kicker{font-size:.8rem;color:var(--accent);font-weight:600;margin:0 0 10px}
.subtitle{color:var(--soft);margin:10px 0 0;max-width:80ch}
.lead{font-size:1.38rem;line-height:1.42;max-width:38em;margin:0 0 28px}
section{margin-top:68px}
.intro{color:var(--soft);max-width:72ch;margin:0 0 24px;text-wrap:pretty}h2+.columns,h2+pre,h2+.notes,h2+dl{margin-top:20px}
.whole{display:inline-block;max-width:100%}
.warnings{border-left:3px solid var(--warm);background:var(--panel);margin:44px 0 0;padding:14px 20px}
.warnings b{color:var(--warm)}.warnings ul{margin:4px 0 0;padding-left:1.1em}
.hero{margin-top:36px}
.story{display:grid;grid-template-columns:minmax(max-content,1fr) minmax(0,1fr);gap:24px 64px;align-items:center}
.change{display:flex;align-items:flex-end;gap:22px}
.change .arrow{font-size:2.4rem;line-height:1;color:var(--bar);padding-bottom:38px}
.big{font-weight:650;letter-spacing:-.025em;line-height:.95;font-size:3.5rem;color:var(--soft)}
.big small{font-size:.45em;font-weight:500;letter-spacing:0;margin-left:.08em}
.after .big{font-size:6rem;color:var(--accent)}
.stat p{margin:10px 0 0;font-size:.86rem;line-height:1.4;color:var(--soft)}
.stat p b{color:var(--ink);font-weight:600}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:20px 40px;margin:36px 0 0;padding:20px 0 0;
border-top:1px solid var(--hair)}
.facts div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.facts dt{font-size:.86rem;color:var(--soft)}
.facts dd{margin:0;font-size:1.6rem;font-weight:600;letter-spacing:-.02em;line-height:1.25}
.columns{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:40px 64px}
figure{margin:0;min-width:0}
figcaption{font-weight:600;margin:0 0 14px;line-height:1.35}
figcaption span{display:block;font-weight:400;font-size:.86rem;color:var(--soft)}
.samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(76px,1fr));gap:18px 14px;margin:0;padding:0;list-style:none}
.samples img{display:block;width:100%;aspect-ratio:1;object-fit:contain;image-rendering:pixelated;background:var(--panel);border-radius:3px;
margin-bottom:5px}
.samples li{font-size:.74rem;line-height:1.38;color:var(--soft);min-width:0}
.samples b,.samples span{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.samples b{color:var(--ink);font-weight:600}
.right{color:var(--accent)}.wrong{color:var(--warm)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;font-weight:400;padding:7px 20px 7px 0;border-bottom:1px solid var(--hair);vertical-align:middle}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:.8rem;line-height:1.3;vertical-align:bottom;border-bottom:1px solid var(--bar)}
.number{text-align:right}td.number{white-space:nowrap}
.chosen th,.chosen td{font-weight:650}.chosen th{color:var(--accent)}
td .plot{width:220px}
.track{display:block;width:190px}.meter{display:block;height:8px;min-width:2px;background:var(--bar);border-radius:0 2px 2px 0}
.chosen .meter{background:var(--accent)}
.tag{font-size:.74rem;font-weight:600;color:var(--accent);margin-left:.5em;white-space:nowrap}
dl.pairs{columns:2;column-gap:64px;margin:0;font-size:.92rem}
dl.pairs div{display:flex;justify-content:space-between;gap:16px;border-bottom:1px solid var(--hair);padding:6px 0;break-inside:avoid}
dl.pairs dt{color:var(--soft)}dl.pairs dd{margin:0;text-align:right;min-width:0;overflow-wrap:anywhere}
dl.pairs+.scroll{margin-top:24px}
pre{background:var(--panel);margin:0;padding:18px 20px;border-radius:4px;font:13.5px/1.65 ui-monospace,SFMono-Regular,Menlo,
Consolas,"Liberation Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.notes{max-width:66ch;margin:0;padding-left:1.1em}.notes li{margin:0 0 8px}
footer{margin-top:68px;padding-top:16px;border-top:1px solid var(--hair);font-size:.84rem;color:var(--soft)}
@media (max-width:900px){.story{grid-template-columns:minmax(0,1fr)}.story svg{max-width:520px}}
@media (max-width:720px){
body{padding:32px 20px 32px}h1{font-size:1.95rem}h2{font-size:1.35rem}.lead{font-size:1.16rem}section{margin-top:52px}
.columns{grid-template-columns:minmax(0,1fr);gap:36px}
.change{gap:16px}.big{font-size:2.2rem}.after .big{font-size:3.7rem}.change .arrow{font-size:1.8rem}
.facts{grid-template-columns:1fr 1fr;gap:18px 24px}.facts dd{font-size:1.35rem}
.roomy{display:none}tbody th{white-space:nowrap}dl.pairs{columns:1}th,td{padding-right:12px}table{font-size:.88rem}
.samples{grid-template-columns:repeat(4,minmax(0,1fr));gap:16px 10px}.samples li{font-size:.7rem}}
@media print{
@page{size:A4;margin:16mm 15mm}
html{font-size:11.5px}body{padding:0;max-width:none;font-size:11.5px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
section{margin-top:26px;break-inside:avoid}.columns{gap:22px 36px}.story{gap:24px 40px}figure,tr,li,.intro,.warnings,pre,dl.pairs div{break-inside:avoid}
h2,.intro,figcaption,thead{break-after:avoid}.scroll{overflow:visible}.samples{grid-template-columns:repeat(6,minmax(0,1fr));gap:8px 7px}
.samples li{font-size:7.5px}.big{font-size:3rem}.after .big{font-size:4.6rem}.facts{grid-template-columns:repeat(4,auto)}.lead{margin-bottom:18px}
.hero,.facts{margin-top:20px}.facts{padding-top:12px}.warnings{margin-top:18px;padding:9px 14px}pre{font-size:10px}}
)css";
}

}  // namespace dsode::report
