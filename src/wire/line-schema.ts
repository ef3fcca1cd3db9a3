import * as z from 'zod';
import { cleanLine } from '../core/text.ts';

/** A text of others as one clean line of at most `longest` characters. */
export const lineSchema = (longest: number) => z.string().transform((text) => cleanLine(text, longest));
