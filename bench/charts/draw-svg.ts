import { init } from 'echarts';
import type { EChartsOption } from 'echarts';

/** One picture, ready to be written. */
export interface Chart {
  /** Without an ending: `bench-ratio-http`. */
  readonly name: string;
  /** What it shows, with the unit; also its text for those who do not see it. */
  readonly title: string;
  readonly svg: string;
}

export interface ChartPlan {
  readonly name: string;
  readonly title: string;
  /** How and where it was measured, in small print. */
  readonly source: string;
  /** echarts' options without title, background and font. */
  readonly option: EChartsOption;
  /** In pixels; 420 unless given. */
  readonly height?: number;
}

const WIDTH = 900;
const HEIGHT = 420;
/** Of its own, so that the picture reads alike on a light and on a dark page. */
const BACKGROUND = '#ffffff';
const INK = '#1f2328';
const FAINT_INK = '#59636e';

/** Draws one chart; the same plan gives the same bytes. */
export function drawSvg({ name, title, source, option, height = HEIGHT }: ChartPlan): Chart {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: BACKGROUND,
      textStyle: { fontFamily: 'sans-serif', color: INK },
      title: {
        text: title,
        subtext: source,
        left: 16,
        top: 10,
        textStyle: { fontSize: 16, color: INK },
        subtextStyle: { fontSize: 11, color: FAINT_INK },
      },
      grid: { left: 70, right: 24, top: 76, bottom: 84 },
      // Wide gaps, as no browser's font is known here.
      legend: { bottom: 10, left: 'center', itemGap: 30, textStyle: { color: INK } },
      ...option,
    });
    return { name, title, svg: tidy(chart.renderToSVGString(), name, title) };
  } finally {
    chart.dispose();
  }
}

/** Takes off what only a page needs and what counts the drawings of a process, and says what is shown. */
function tidy(svg: string, name: string, title: string): string {
  const still = svg
    .replace(/<style\s*>[^]*?<\/style>\n*/g, '')
    .replace(/ (?:ecmeta_\w+|class|pointer-events)="[^"]*"/g, '')
    .replace(/\bzr\d+-/g, `${name}-`);
  const [head = ''] = /^<svg[^>]*>/.exec(still) ?? [];
  const named = `${head.slice(0, -1)} role="img">\n<title>${escapeXml(title)}</title>`;
  return `${named}${still.slice(head.length)}\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
