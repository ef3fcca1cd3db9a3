import { randomBytes } from 'node:crypto';

/** Unique over all processes, and in the order of time: `20260301T120000Z-5f2c91d0a7be`. */
export const createAuditId = (at: number): string => `${auditStamp(at)}-${randomBytes(6).toString('hex')}`;

/** UTC, to the second, fit for a file's name. */
export const auditStamp = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
