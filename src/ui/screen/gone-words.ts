import { text } from '../../domain/text.ts';

/** Behind the title of a page whose row is gone. */
export const GONE_WORDS = text('gone; last known state', '사라짐, 마지막 상태');
/** In place of its content, where that is gone too. */
export const NOTHING_KNOWN = text('Nothing is known of it any more', '더 이상 알려진 것이 없음');
