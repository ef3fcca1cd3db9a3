import { withDeadline } from '../../core/deadline.ts';
import { cleanLine } from '../../core/text.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { Change, Sink } from '../../domain/ports.ts';
import { refOf } from '../../domain/ref.ts';
import type { ManagerRead, Registration } from '../../domain/registration.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import { readLicences } from './licences.ts';
import type { ManagerApi } from './manager-api.ts';
import { createManagerEvents } from './manager-events.ts';
import { createLocator, type Located, managerAddresses } from './manager-locator.ts';
import { createMeters } from './manager-meters.ts';
import type { ManagerPauses, ManagerSourceOptions } from './manager-source.ts';
import { createServerLists, type ListsRead } from './server-lists.ts';
import { createTemplateDefaults } from './template-default.ts';

const LICENCES_EVERY_MS = 600_000;
const INVENTORY_EVERY_MS = 300_000;
const MAX_NOTES = 8;
/** A slow Manager's extras must not hold up its lists. */
const EXTRAS_TIMEOUT_MS = 5_000;
/** Shown in `:contexts` beside the lists; read for whether they are there. */
const INVENTORY = [
  { capability: 'systems', path: '/rest/systems' },
  { capability: 'nodes', path: '/rest/nodes' },
] as const;

export type ManagerReaderOptions = ManagerSourceOptions & { readonly pauses: ManagerPauses };

/** What a Manager said so far, and one look at all of it. */
export function createManagerReader(options: ManagerReaderOptions, api: ManagerApi, sink: Sink) {
  const { context, clock, urls, basePath, serviceClusters, isLookedAt, pauses } = options;
  const locator = createLocator({ ...managerAddresses(urls, basePath), api, serviceClusters });
  const lists = createServerLists(context, api, clock);
  const meters = createMeters(api, clock);
  const events = createManagerEvents(context, api, clock);
  const templates = createTemplateDefaults(context, api, clock);
  let located: Located | undefined;
  let count = 0;
  let recentAt: readonly number[] = [];
  let licence: ManagerRead['licence'];
  let licencesAt = -Infinity;
  let inventoryAt = -Infinity;
  let dropped = 0;
  /** Servers listed, all lists together. */
  let registered: number | undefined;
  let notes: readonly string[] = [];
  let templateNotes: readonly string[] = [];

  const tell = () => {
    const target = located?.target;
    sink.facts({
      target: maskUrl(target === undefined ? urls.join(', ') : `${target.url}${target.basePath}`),
      version: versionOf(located),
      requestsPerMinute: api.requestsPerMinute(),
      capabilities: Object.fromEntries(api.capabilities),
      notes: [...notes, ...templateNotes].slice(0, MAX_NOTES),
      clockSkewMs: api.clockSkewMs(),
      counts: {
        goodReads: count,
        droppedRecords: dropped,
        ...(registered === undefined ? {} : { registrations: registered }),
      },
    });
  };

  const managerRead = (read: ListsRead): Change => ({
    type: 'put',
    kind: 'managerRead',
    entity: {
      ref: refOf('managerRead', context, context),
      count,
      recentAt,
      covers: read.covers,
      version: versionOf(located),
      haMode: located?.info?.haMode === undefined ? undefined : cleanLine(located.info.haMode),
      licence,
    },
  });

  const readInventory = async ({ target }: Located, signal: AbortSignal) => {
    try {
      if (clock.now() - licencesAt >= LICENCES_EVERY_MS && api.isWorthAsking('licences')) {
        const reading = await api.get(target, { capability: 'licences', path: '/rest/licenses' }, signal);
        if (reading.state === 'found') {
          licence = readLicences(reading.body);
          licencesAt = clock.now();
        }
      }
      if (clock.now() - inventoryAt < INVENTORY_EVERY_MS) return;
      inventoryAt = clock.now();
      for (const call of INVENTORY)
        if (api.isWorthAsking(call.capability)) await api.get(target, call, signal);
    } catch {
      // The lists of the same poll tell that the Manager cannot be reached.
    }
  };

  const put = (registrations: readonly Registration[]): Change => ({
    type: 'replace',
    kind: 'registration',
    context,
    entities: registrations.map((one) => ({ ...one, jvm: meters.of(one.ref.id) })),
  });
  const rowsOf = (read: ListsRead): Change[] =>
    read.isLost ? [] : [put(read.registrations), ...(read.isComplete ? [managerRead(read)] : [])];

  return {
    tell,
    /** Who is registered; rejects where no Manager can be read. */
    async readLists(signal: AbortSignal): Promise<ListsRead> {
      located = await locator.locate(signal);
      const read = await lists.read(located.target, signal);
      signal.throwIfAborted();
      dropped = read.dropped;
      if (!read.isLost) registered = read.registrations.length;
      notes = notesOf(read, located, urls.length);
      const [lost] = read.errors;
      // Out of reach: the rest would only wait for the same.
      if (read.isLost && lost !== undefined && ERRORS[lost.code].stage === 'reach') throw lost;
      if (read.isComplete) {
        count++;
        recentAt = [clock.now(), ...recentAt].slice(0, 2);
      }
      sink.changes(rowsOf(read));
      return read;
    },
    /** What takes more requests: licences, meters, events. Never rejects; ends soon after an abort. */
    async readExtras(read: ListsRead, signal: AbortSignal): Promise<void> {
      if (located === undefined || read.isLost) return;
      const { target } = located;
      await readInventory(located, withDeadline(signal, EXTRAS_TIMEOUT_MS));
      await meters.read(target, read.registrations, withDeadline(signal, EXTRAS_TIMEOUT_MS));
      const fresh = await events.read(target, read.registrations, withDeadline(signal, EXTRAS_TIMEOUT_MS));
      if (signal.aborted) return;
      sink.changes([
        ...rowsOf(read),
        ...fresh.map((entity): Change => ({ type: 'put', kind: 'event', entity })),
      ]);
      tell();
    },
    /** Default revisions out of downloads, which may take a while each. Never rejects; ends soon after an abort. */
    async readTemplates(signal: AbortSignal): Promise<void> {
      if (located === undefined) return;
      const everyMs = isLookedAt() ? pauses.templateMs : pauses.templateOtherwiseMs;
      const defaults = await templates.read(
        located.target,
        { serviceClusters: serviceClusters(), everyMs },
        signal,
      );
      if (signal.aborted || (defaults.notes.length === 0 && defaults.found.length === 0)) return;
      templateNotes = defaults.notes;
      sink.changes(defaults.found.map((entity) => ({ type: 'put', kind: 'templateDefault', entity })));
      tell();
    },
  };
}

function versionOf(located: Located | undefined): string | undefined {
  const info = located?.info;
  if (info?.version === undefined) return undefined;
  const patch = info.patchVersion === undefined || info.patchVersion === '' ? '' : ` (${info.patchVersion})`;
  return cleanLine(`${info.version}${patch}`);
}

const NORMAL_STATUS = /^\s*(?:started|running|ok|up|active|normal|1)\s*$/i;

function notesOf(read: ListsRead, located: Located, urls: number): string[] {
  const notes = read.errors.map(({ code, message }) => `${code}: ${message}`);
  const { info, target } = located;
  if (urls > 1)
    notes.push(`HA: reads from ${maskUrl(target.url)} (${cleanLine(info?.haMode ?? 'mode not told')})`);
  // That it runs is what everybody expects; only another state is worth a note.
  if (info?.status !== undefined && !NORMAL_STATUS.test(info.status))
    notes.push(`status ${cleanLine(info.status)}`);
  if (read.errors.length === 0 && !read.isComplete) notes.push('This version offers no list of servers');
  return notes;
}
