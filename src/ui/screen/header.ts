import { alarmLevelOf } from '../../diagnosis/health/alarm-codes.ts';
import { MODE_TITLES } from '../../domain/policy.ts';
import type { ContextView } from '../../domain/source-status.ts';
import { text } from '../../domain/text.ts';
import { failureOf, serversOf } from '../../views/context-reading.ts';
import { formatDataAge } from '../../views/format-age.ts';
import { formatClock } from '../../views/format-time.ts';
import { sourceAgeMs } from '../../views/freshness.ts';
import { HEALTH_SIGNS, HEALTH_TONES, SOURCE_SIGNS, SOURCE_TONES, say } from '../../views/words.ts';
import { type Part, paintParts, part, partsWidth, spread } from '../kit/styled-line.ts';
import { displayWidth } from '../kit/width.ts';
import type { ConsoleSettings } from '../settings.ts';
import { grownLately } from './loss-watch.ts';
import type { World } from './world.ts';

const DEMO = text('DEMO: simulated fleet', '데모: 가상 서버');
const MODE_ROLES = { normal: 'good', triage: 'warn', readonly: 'accent' } as const;

/** How a context stands, in a word or two: `live`, `30s`, `stale 1m`, `unauthorized`. */
function stateWords(row: ContextView, now: number): string {
  const { status } = row;
  const ageMs = sourceAgeMs(status, now);
  const age = ageMs === undefined ? undefined : formatDataAge(ageMs);
  switch (status.state) {
    case 'connecting':
      return 'connecting';
    case 'live':
      return age ?? 'live';
    case 'stale':
      return age === undefined ? 'stale' : `stale ${age}`;
    case 'denied':
    case 'failed': {
      const code = failureOf(row)?.code.toLowerCase().replaceAll('_', ' ') ?? status.state;
      return age === undefined ? code : `${code} ${age}`;
    }
  }
}

interface Chip {
  readonly parts: readonly Part[];
  readonly isWell: boolean;
}

function chipOf(row: ContextView, { context: { now } }: World, isShort: boolean): Chip {
  const { state } = row.status;
  const isWell = state === 'live';
  const words = isShort && isWell ? '' : ` ${stateWords(row, now)}`;
  const servers = serversOf(row);
  const count = state === 'connecting' || servers === undefined ? '' : ` ${servers}`;
  return {
    isWell,
    parts: [
      part(SOURCE_SIGNS[state], SOURCE_TONES[state]),
      part(` ${row.name}`, row.isProtected ? 'protected' : 'normal'),
      part(`${count}${words}`, isWell ? 'muted' : SOURCE_TONES[state]),
    ],
  };
}

/** As many contexts as fit, those in trouble first when not all do, and how many are left out. */
function contextParts(rows: readonly ContextView[], world: World, room: number): readonly Part[] {
  const join = (chips: readonly Chip[]): Part[] =>
    chips.flatMap((chip, index) => (index === 0 ? [...chip.parts] : [part('  '), ...chip.parts]));
  for (const isShort of [false, true]) {
    const all = join(rows.map((row) => chipOf(row, world, isShort)));
    if (partsWidth(all) <= room) return all;
  }
  const chips = rows.map((row) => chipOf(row, world, true));
  const urgent = [...chips.filter(({ isWell }) => !isWell), ...chips.filter(({ isWell }) => isWell)];
  for (let count = urgent.length - 1; count > 0; count--) {
    const some = [...join(urgent.slice(0, count)), part(`  +${urgent.length - count}`, 'muted')];
    if (partsWidth(some) <= room) return some;
  }
  return [part(`+${urgent.length}`, 'muted')];
}

/** Lifts in force with their minutes left, in the colour of what can now be changed. */
function liftParts({ acting, context, settings }: World): readonly Part[] {
  return (acting?.lift.active() ?? [])
    .filter(({ until }) => until > context.now)
    .flatMap(({ context: name, until }) => {
      const minutes = Math.ceil((until - context.now) / 60_000);
      const words = text(`LIFTED ${name} ${minutes} min`, `풀림 ${name} ${minutes}분`);
      return [part(say(settings, words), 'protected'), part('  ')];
    });
}

/** How many jobs run. */
function jobParts({ context, settings }: World): readonly Part[] {
  let running = 0;
  for (const { state } of context.related.all('job')) if (state === 'running') running++;
  if (running === 0) return [];
  const words = text(`◐ ${running} ${running === 1 ? 'job' : 'jobs'}`, `◐ 작업 ${running}개`);
  return [part(say(settings, words), 'accent'), part('  ')];
}

const ALARMS = text(' alarms', ' 경보');
const ONE_ALARM = text(' alarm', ' 경보');
/** Contexts that have less room than this need it more than a word does. */
const CONTEXT_ROOM = 16;

/** Servers with an alarm now, by their worst: `✖ 2 ▲ 5 alarms`. Nothing where there is none. */
function alarmParts({ context, settings }: World): readonly Part[] {
  const counts = { error: 0, warn: 0 };
  for (const { health } of context.related.all('server')) {
    const level = health.reasons.length === 0 ? undefined : alarmLevelOf(health);
    if (level !== undefined) counts[level]++;
  }
  const parts = (['error', 'warn'] as const).flatMap((level) =>
    counts[level] === 0 ? [] : [part(`${HEALTH_SIGNS[level]} ${counts[level]}`, HEALTH_TONES[level])],
  );
  const [first, second] = parts;
  if (first === undefined) return [];
  const word = say(settings, counts.error + counts.warn === 1 ? ONE_ALARM : ALARMS);
  return [first, ...(second === undefined ? [] : [part(' '), second]), part(word, 'muted')];
}

/** Name and version, mode, contexts with their state and age, clock. */
export function headerLine(world: World): string {
  const { settings, theme, columns, shell, context } = world;
  const alarms = alarmParts(world);
  const beside = (own: readonly Part[]): Part[] => [
    part(' l9s', 'title'),
    part(` ${settings.version}  `, 'muted'),
    part(say(settings, MODE_TITLES[settings.mode]), MODE_ROLES[settings.mode]),
    part('  '),
    ...liftParts(world),
    ...jobParts(world),
    ...(own.length === 0 ? [] : [...own, part('  ')]),
    ...(settings.isDemo ? [part(say(settings, DEMO), 'warn'), part('  ')] : []),
  ];
  const clock = `${formatClock(context.now, shell.isUtc)} `;
  const roomOf = (parts: readonly Part[]) => columns - partsWidth(parts) - displayWidth(clock) - 1;
  const whole = beside(alarms);
  const left = roomOf(whole) >= CONTEXT_ROOM ? whole : beside(alarms.slice(0, -1));
  const room = roomOf(left);
  const contexts = [...context.related.all('context')];
  const parts = [...left, ...(room > 0 ? contextParts(contexts, world, room) : [])];
  return spread(theme, parts, [part(clock, 'muted')], columns);
}

const HINTS = text('<?> help  <:> command', '<?> 도움말  <:> 명령');

/** Sum of what is told; not known where nobody tells. */
const summed = (rows: readonly ContextView[], name: string): number | undefined =>
  rows.reduce<number | undefined>((sum, { facts }) => {
    const count = facts.counts?.[name];
    return count === undefined ? sum : (sum ?? 0) + count;
  }, undefined);

/** What the receivers of datagrams hear, lose and refuse, where there are any; all of it stands in `:contexts`. */
function telemetryParts({ context, settings }: World): readonly Part[] {
  const rows = [...context.related.all('context')].filter(
    ({ kind, facts }) => kind === 'udp' && facts.counts !== undefined,
  );
  const [first] = rows;
  if (first === undefined) return [];
  const lately = (name: string): number | undefined => {
    const total = summed(rows, name);
    return total === undefined ? undefined : grownLately(context.related, { name, total }, context.now);
  };
  const perMinute = summed(rows, 'perMinute') ?? first.facts.requestsPerMinute;
  const port = /:(\d+)\b/.exec(first.facts.target ?? '')?.[1] ?? first.name;
  const others = rows.length === 1 ? '' : `+${rows.length - 1}`;
  // Absent where the kernel does not say.
  const lost = lately('dropped');
  // Refused for what they are, or for where they come from.
  const rejected = (lately('rejected') ?? 0) + (lately('denied') ?? 0);
  return [
    ...(perMinute === undefined ? [] : [part(`${port}${others}: ${coarse(perMinute)}/min`, 'muted')]),
    ...(lost === undefined ? [] : [lossPart(lost, settings)]),
    ...(rejected === 0
      ? []
      : [
          part(say(settings, text(` · ${coarse(rejected)} rejected`, ` · 거부 ${coarse(rejected)}`)), 'warn'),
        ]),
  ];
}

/** The last minute's. */
const lossPart = (lost: number, settings: ConsoleSettings): Part =>
  lost === 0
    ? part(say(settings, text(' · 0 lost', ' · 손실 0')), 'muted')
    : part(say(settings, text(` · ${lost} lost/min`, ` · 손실 ${lost}/분`)), 'warn');

/** Two significant digits: a rate that trembles must not repaint the screen. */
function coarse(value: number): string {
  // A handful is worth its own number: somebody is trying the port out.
  if (value < 10) return String(value);
  if (value < 100) return String(Math.round(value / 10) * 10);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return String(Math.round(value / unit) * unit).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** As many verbs of the row as fit whole; those that cannot act are dim, with another bracket. */
function verbParts({ verbs, settings }: World, room: number): readonly Part[] {
  const parts: Part[] = [];
  for (const { key, title, reason } of verbs) {
    const words = say(settings, title);
    const next =
      reason === undefined
        ? [part(`<${key}>`, 'key'), part(` ${words}  `)]
        : [part(`(${key}) ${words}  `, 'muted')];
    if (partsWidth(parts) + partsWidth(next) > room) break;
    parts.push(...next);
  }
  return parts;
}

/** Where we are, what the receiver hears, and the two keys everything else follows from. */
export function crumbLine(world: World, crumbs: readonly string[]): string {
  const { settings, theme, columns } = world;
  const left: Part[] = crumbs.flatMap((crumb, index) => [
    part(index === 0 ? ' ' : ' › ', 'muted'),
    part(crumb, index === crumbs.length - 1 ? 'title' : 'normal'),
  ]);
  const telemetry = telemetryParts(world);
  const hints = [part(`${say(settings, HINTS)} `, 'muted')];
  const heard = telemetry.length === 0 ? [] : [...telemetry, part('   ')];
  const room = columns - partsWidth(left) - partsWidth(heard) - partsWidth(hints) - 3;
  const right = [...heard, ...verbParts(world, room), ...hints];
  if (partsWidth(left) + partsWidth(right) + 1 <= columns) return spread(theme, left, right, columns);
  if (partsWidth(left) + partsWidth(hints) + 1 <= columns) return spread(theme, left, hints, columns);
  return paintParts(theme, left, columns);
}
