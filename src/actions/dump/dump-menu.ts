import { text } from '../../domain/text.ts';
import type { VerbMenu } from '../action.ts';

/** Every dump there is, each with its ways. */
export const DUMP_MENU: VerbMenu = { key: 'M', title: text('dump menu', '덤프 메뉴') };
