import path from 'node:path';
import type { ActionTools, DialInPatience, DumpTools } from '../actions/tools.ts';
import type { Settings } from '../config/settings.ts';
import { describeThrown } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import type { Dump } from '../domain/dump.ts';
import type { DumpWay } from '../domain/dump-way.ts';
import type { Ref } from '../domain/ref.ts';
import { createDumpFolder, DUMP_DIRECTORY } from '../sources/dumps/folder/dump-folder.ts';
import type { ConsoleStore } from '../store/state.ts';
import type { Analyses } from './analyses.ts';
import { localName } from './dump-channel.ts';
import { lazyWay, once } from './lazy-way.ts';
import type { Log } from './log-file.ts';

/** What takes dumps, keeps them and reads them, for one run. */
export interface ComposedDumps {
  /** What actions may use; the clients of the contexts are theirs to give. */
  tools(remote: ActionTools['remote']): DumpTools;
  /** The analysis on the screen is read; `undefined` where none is. */
  look(analysis: Ref<'analysis'> | undefined): void;
  /** Puts what the folder holds into the store; never rejects. */
  load(): Promise<void>;
  /** Keeps the store in step with the folder until the answer is called. */
  follow(): () => void;
  close(): Promise<void>;
}

export interface DumpsOptions {
  readonly settings: Settings;
  readonly stateDirectory: string;
  readonly store: Pick<ConsoleStore, 'apply' | 'state'>;
  /** Ways over connections servers opened to us. */
  readonly channelWays: readonly DumpWay[];
  /** File of the program that reads dumps on a thread of its own. @default what they show is not told */
  readonly analysisProgram: string | undefined;
  /** @default nothing is waited for */
  readonly patience?: DialInPatience | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export function composeDumps(options: DumpsOptions): ComposedDumps {
  const { settings, stateDirectory, store, channelWays, analysisProgram, clock, log } = options;
  const { maxBytes, maxHeapBytes, keepFiles, keepBytes } = settings.config.dumps;
  const folder = createDumpFolder({
    directory: path.join(stateDirectory, DUMP_DIRECTORY),
    limits: { keepFiles, keepBytes },
    clock,
  });
  /** By context, so that what is gone is dropped in each. */
  let shown: readonly Dump[] = [];
  const show = (dumps: readonly Dump[]) => {
    const there = new Set(dumps.map(({ ref }) => `${ref.context} ${ref.id}`));
    const gone = shown.filter(({ ref }) => !there.has(`${ref.context} ${ref.id}`));
    shown = dumps;
    store.apply([
      ...gone.map(({ ref }) => ({ type: 'drop', kind: 'dump', ref }) as const),
      ...dumps.map((entity) => ({ type: 'put', kind: 'dump', entity }) as const),
    ]);
  };
  let analyses: Promise<Analyses> | undefined;
  const reading = (program: string): Promise<Analyses> => {
    analyses ??= import('./analyses.ts').then(({ createAnalyses }) =>
      createAnalyses({
        workerProgram: program,
        store,
        clock,
        dumpOf: (ref) => shown.find((dump) => dump.ref.context === ref.context && dump.ref.id === ref.id),
      }),
    );
    return analyses;
  };
  return {
    tools: (remote) => ({
      ways: [...channelWays, ...containerWays(remote, clock)],
      folder,
      by: localName(),
      verdict: async (file, signal) =>
        analysisProgram === undefined ? undefined : (await reading(analysisProgram)).verdict(file, signal),
      limits: { maxBytes, maxHeapBytes },
      patience: options.patience,
    }),
    look(analysis) {
      if (analysisProgram === undefined || (analysis === undefined && analyses === undefined)) return;
      void reading(analysisProgram).then((one) => one.look(analysis));
    },
    async load() {
      try {
        show(await folder.list());
      } catch (thrown) {
        log.write('error', 'dumps', { message: describeThrown(thrown) });
      }
    },
    follow: () => folder.onChange(show),
    async close() {
      await (await analyses)?.close();
    },
  };
}

/** Ways through commands in containers. */
function containerWays(remote: ActionTools['remote'], clock: Clock): readonly DumpWay[] {
  const pod = once(async () => {
    const { createPodExecWays } = await import('../sources/dumps/pod-exec/pod-exec-ways.ts');
    return createPodExecWays({ kube: (context) => remote('kube', context), clock });
  });
  const ecs = once(async () => {
    const { createEcsExecWays } = await import('../sources/dumps/ecs-exec/ecs-exec-ways.ts');
    return createEcsExecWays({ ecs: (context) => remote('ecs', context), clock });
  });
  return [
    lazyWay('pod-exec', { load: pod, hasRoom: true }),
    lazyWay('ecs-exec', { load: ecs, hasFiles: true }),
    lazyWay('server-file', { load: pod, hasFiles: true }),
  ];
}
