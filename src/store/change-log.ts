import type { AuditEntry } from '../domain/audit-entry.ts';
import type { EnvironmentEntry } from '../domain/environment.ts';
import type { Instance } from '../domain/instance.ts';
import type { RecentChange } from '../domain/recent-change.ts';
import { type Ref, refKey, refOf } from '../domain/ref.ts';
import type { TemplateDefault } from '../domain/registration.ts';
import { type Text, text } from '../domain/text.ts';
import type { Workload } from '../domain/workload.ts';
import { deleteRow, type MutableTable, type MutableTables, setRow, type Touched } from './tables.ts';

/** Changes kept at most, and for how long. */
export const MAX_CHANGES = 2_000;
export const CHANGES_KEPT_MS = 3_600_000;

const TEMPLATE_VARIABLE = 'LENA_CONFIG_TEMPLATE_ID';

interface Noted {
  readonly what: RecentChange['what'];
  readonly text: Text;
  readonly target: Ref;
  readonly targetName: string;
  readonly by?: string | undefined;
  /** @default now */
  readonly at?: number | undefined;
}

/** Rows of `:changes`: what the store saw become something else, and our own actions when they end. */
export class ChangeLog {
  readonly #table: MutableTable<RecentChange>;
  readonly #tables: MutableTables;
  /** Oldest first, by key of the table. */
  readonly #kept = new Map<string, number>();
  #nextId = 0;

  constructor(tables: MutableTables) {
    this.#tables = tables;
    this.#table = tables.change;
  }

  /** Follows what a batch did; what was not there before did not change. */
  update(touched: Touched, now: number): void {
    for (const [key, before] of touched.workload) {
      const after = this.#tables.workload.rows.get(key);
      if (before !== undefined && after !== undefined) this.#addAll(workloadChanges(before, after), now);
    }
    for (const [key, before] of touched.templateDefault) {
      const after = this.#tables.templateDefault.rows.get(key);
      if (before !== undefined && after !== undefined) this.#addAll(defaultChanges(before, after), now);
    }
    for (const [key, before] of touched.instance) {
      const after = this.#tables.instance.rows.get(key);
      if (before !== undefined && after !== undefined) this.#addAll(restarts(before, after), now);
    }
    for (const [key, before] of touched.audit) {
      const after = this.#tables.audit.rows.get(key);
      if (after !== undefined) this.#addAll(endedActions(before, after, now), now);
    }
    this.prune(now);
  }

  /** Forgets what is too old or too much. */
  prune(now: number): void {
    for (const [key, at] of this.#kept) {
      if (this.#kept.size <= MAX_CHANGES && now - at <= CHANGES_KEPT_MS) break;
      this.#kept.delete(key);
      deleteRow(this.#table, key);
    }
  }

  #addAll(changes: readonly Noted[], now: number): void {
    for (const change of changes) {
      const { at = now, ...rest } = change;
      const ref = refOf('change', change.target.context, String(this.#nextId++));
      const key = refKey(ref);
      this.#kept.set(key, at);
      setRow(this.#table, key, { ref, at, ...rest });
    }
  }
}

const arrow = (before: string | number | undefined, after: string | number): string =>
  `${before ?? 'n/a'} → ${after}`;

function workloadChanges(before: Workload, after: Workload): readonly Noted[] {
  const target = { target: after.ref, targetName: after.name };
  const changes: Noted[] = [];
  const add = (what: Noted['what'], en: string, ko: string) =>
    changes.push({ ...target, what, text: text(en, ko) });
  const { revision } = after.rollout;
  const isNewRevision =
    revision !== undefined && before.rollout.revision !== undefined && revision !== before.rollout.revision;
  const isNewImage = after.image !== undefined && before.image !== undefined && after.image !== before.image;
  if (isNewRevision) {
    const step = arrow(before.rollout.revision, revision);
    add('rollout', `rollout revision ${step}`, `롤아웃 리비전 ${step}`);
  }
  if (isNewImage) {
    const step = arrow(before.image, after.image);
    add('rollout', `image ${step}`, `이미지 ${step}`);
  }
  if (before.rollout.state !== 'failed' && after.rollout.state === 'failed') {
    const why = after.rollout.message === undefined ? '' : `: ${after.rollout.message}`;
    add('rollout', `rollout failed${why}`, `롤아웃 실패${why}`);
  }
  if (before.desired !== after.desired) {
    const step = arrow(before.desired, after.desired);
    add('scale', `desired ${step}`, `원하는 수 ${step}`);
  }
  for (const { what, name, step } of environmentChanges(before.environment, after.environment))
    add(what, `${name} ${step}`, `${name} ${step}`);
  return changes;
}

/** Values that came through a ConfigMap, and the template wherever it is set; a secret one says only that it changed. */
function environmentChanges(
  before: readonly EnvironmentEntry[],
  after: readonly EnvironmentEntry[],
): readonly { readonly what: 'config' | 'revision'; readonly name: string; readonly step: string }[] {
  if (before === after) return [];
  const known = new Map(before.map((entry) => [entry.name, entry]));
  return after.flatMap((entry) => {
    const was = known.get(entry.name);
    const isTemplate = entry.name === TEMPLATE_VARIABLE;
    if (was?.value === undefined || entry.value === undefined || was.value === entry.value) return [];
    if (!isTemplate && entry.origin.kind !== 'configMap') return [];
    return [
      {
        what: isTemplate ? ('revision' as const) : ('config' as const),
        name: entry.name,
        step: arrow(was.value, entry.value),
      },
    ];
  });
}

function defaultChanges(before: TemplateDefault, after: TemplateDefault): readonly Noted[] {
  if (before.revision === after.revision) return [];
  const step = arrow(before.revision, after.revision);
  return [
    {
      what: 'revision',
      text: text(`default template revision ${step}`, `기본 템플릿 리비전 ${step}`),
      target: refOf('serviceCluster', after.ref.context, after.serviceCluster),
      targetName: after.serviceCluster,
    },
  ];
}

function restarts(before: Instance, after: Instance): readonly Noted[] {
  const more = (after.restarts ?? 0) - (before.restarts ?? 0);
  if (before.restarts === undefined || more <= 0) return [];
  const why = after.stateReason ?? before.stateReason;
  const because = why === undefined ? '' : ` (${why})`;
  return [
    {
      what: 'restart',
      text: text(
        `restarted${more === 1 ? '' : ` ${more} times`}, ${after.restarts} in all${because}`,
        `재시작${more === 1 ? '' : ` ${more}회`}, 모두 ${after.restarts}회${because}`,
      ),
      target: refOf('server', after.ref.context, after.ref.id),
      targetName: after.name,
    },
  ];
}

const isOver = (entry: AuditEntry | undefined): boolean =>
  entry !== undefined && entry.result !== 'running' && entry.result !== 'unfinished';

/** An action once it ended; one that ended long ago, read at the start, only within the hour that is shown. */
function endedActions(before: AuditEntry | undefined, after: AuditEntry, now: number): readonly Noted[] {
  const at = after.endedAt ?? after.at;
  const isChange = after.effect === 'change' || after.effect === 'destroy';
  if (!isChange || !isOver(after) || isOver(before) || now - at > CHANGES_KEPT_MS) return [];
  const [first] = after.targets;
  const words = `${after.title}: ${after.result}`;
  return [
    {
      what: 'action',
      text: text(words, words),
      target: first?.ref ?? after.ref,
      targetName: first?.name ?? after.action,
      by: after.actor.user,
      at,
    },
  ];
}
