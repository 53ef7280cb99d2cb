/** How a variant is called and coloured in every chart. */
export interface VariantStyle {
  readonly label: string;
  readonly colour: string;
}

// Colours that those who see red and green alike tell apart (M. Okabe, K. Ito, "Color Universal Design").
const KNOWN: Readonly<Record<string, VariantStyle>> = {
  direct: { label: 'no proxy', colour: '#d9d9d9' },
  nginx: { label: 'nginx, unsigned', colour: '#7f7f7f' },
  'nginx-64k': { label: 'nginx-64k, unsigned', colour: '#bdbdbd' },
  wire: { label: 's3-helper, wire', colour: '#0072b2' },
  undici: { label: 's3-helper, undici', colour: '#e69f00' },
  's3-helper': { label: 's3-helper', colour: '#0072b2' },
};
const FOR_OTHERS = ['#009e73', '#cc79a7', '#56b4e9', '#d55e00'];

export const TARGET_COLOUR = '#b3261e';

/** @param position - among the variants of the chart; gives a colour to a contender */
export function styleOf(variant: string, position: number): VariantStyle {
  return KNOWN[variant] ?? { label: variant, colour: FOR_OTHERS[position % FOR_OTHERS.length] ?? '#009e73' };
}
