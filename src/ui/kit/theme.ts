import type { Tone } from '../../views/view.ts';

/** Everything the screen can emphasise beside the tones of cells. */
export type Role =
  | Tone
  | 'title'
  | 'heading'
  | 'border'
  | 'key'
  | 'protected'
  | 'inverse'
  | (typeof LINE_ROLES)[number];

/** Colours that tell the lines of a chart apart and mean nothing else. */
export const LINE_ROLES = ['line1', 'line2', 'line3', 'line4', 'line5', 'line6'] as const;

export interface Theme {
  paint(role: Role, text: string): string;
  /** A whole row under the cursor; `text` may hold painted parts. */
  cursorRow(text: string): string;
  /** The heading shift-arrows selected; an underline, which needs no colour and no cell. */
  selectedHeading(text: string): string;
  /** True where parts of the cursor's row keep their own colours. */
  readonly keepsTonesUnderCursor: boolean;
}

export interface ThemeOptions {
  readonly isColor: boolean;
  /** Bits: 4 is 16 colours, 8 is 256, 24 all. */
  readonly colorDepth: number;
  /** `auto` and `dark` suit dark backgrounds. @default 'auto' */
  readonly name: string;
}

type Palette = Readonly<Record<Role, readonly [open: string, close: string]>>;

const ESC = '\u001B[';
const foreground = (codes: string): readonly [string, string] => [`${ESC}${codes}m`, `${ESC}39m`];
const bold = (codes?: string): readonly [string, string] =>
  codes === undefined ? [`${ESC}1m`, `${ESC}22m`] : [`${ESC}1m${ESC}${codes}m`, `${ESC}39m${ESC}22m`];
const PLAIN = ['', ''] as const;
/** A caret, a chosen button: needs no colour. */
const INVERSE = [`${ESC}7m`, `${ESC}27m`] as const;

const WITHOUT_COLOUR: Palette = {
  normal: PLAIN,
  muted: PLAIN,
  accent: PLAIN,
  good: PLAIN,
  warn: PLAIN,
  bad: bold(),
  title: bold(),
  heading: bold(),
  border: PLAIN,
  key: bold(),
  protected: bold(),
  inverse: INVERSE,
  line1: PLAIN,
  line2: PLAIN,
  line3: PLAIN,
  line4: PLAIN,
  line5: PLAIN,
  line6: PLAIN,
};
const SIXTEEN: Palette = {
  normal: PLAIN,
  muted: foreground('90'),
  accent: foreground('36'),
  good: foreground('32'),
  warn: foreground('33'),
  bad: bold('31'),
  title: bold('36'),
  heading: bold(),
  border: foreground('90'),
  key: foreground('36'),
  protected: bold('35'),
  inverse: INVERSE,
  line1: foreground('36'),
  line2: foreground('33'),
  line3: foreground('35'),
  line4: foreground('32'),
  line5: foreground('94'),
  line6: foreground('37'),
};
const DARK: Palette = {
  normal: PLAIN,
  muted: foreground('38;5;245'),
  accent: foreground('38;5;81'),
  good: foreground('38;5;114'),
  warn: foreground('38;5;221'),
  bad: bold('38;5;203'),
  title: bold('38;5;81'),
  heading: bold('38;5;252'),
  border: foreground('38;5;240'),
  key: foreground('38;5;81'),
  protected: bold('38;5;213'),
  inverse: INVERSE,
  line1: foreground('38;5;81'),
  line2: foreground('38;5;215'),
  line3: foreground('38;5;177'),
  line4: foreground('38;5;114'),
  line5: foreground('38;5;228'),
  line6: foreground('38;5;252'),
};
const LIGHT: Palette = {
  normal: PLAIN,
  muted: foreground('38;5;243'),
  accent: foreground('38;5;25'),
  good: foreground('38;5;28'),
  warn: foreground('38;5;130'),
  bad: bold('38;5;160'),
  title: bold('38;5;25'),
  heading: bold('38;5;235'),
  border: foreground('38;5;250'),
  key: foreground('38;5;25'),
  protected: bold('38;5;90'),
  inverse: INVERSE,
  line1: foreground('38;5;25'),
  line2: foreground('38;5;130'),
  line3: foreground('38;5;90'),
  line4: foreground('38;5;28'),
  line5: foreground('38;5;94'),
  line6: foreground('38;5;238'),
};

/** Colours by what the terminal can; without colour the signs in the text say it all. */
export function createTheme({ isColor, colorDepth, name }: ThemeOptions): Theme {
  const hasMany = isColor && colorDepth >= 8;
  const palette = !isColor ? WITHOUT_COLOUR : !hasMany ? SIXTEEN : name === 'light' ? LIGHT : DARK;
  const row = !hasMany
    ? ([`${ESC}7m`, `${ESC}27m`] as const)
    : ([`${ESC}48;5;${name === 'light' ? 254 : 237}m`, `${ESC}49m`] as const);
  return {
    paint(role, text) {
      const [open, close] = palette[role];
      return open === '' || text === '' ? text : open + text + close;
    },
    selectedHeading: (text) => `${ESC}4m${text}${ESC}24m`,
    cursorRow: (text) => row[0] + text + row[1],
    keepsTonesUnderCursor: hasMany,
  };
}
