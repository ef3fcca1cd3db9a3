import { text } from '../domain/text.ts';
import { defineAction, type InputField } from './action.ts';
import { outInput, wayInput } from './dump/dump-inputs.ts';
import { DUMP_MENU } from './dump/dump-menu.ts';
import { lookAtRoom } from './dump/heap-room.ts';
import { dumpWay } from './dump/plan-dump.ts';
import { reachOfDump, whyNoHeap } from './dump/reach.ts';

const ALL = 'all';
const LIVE = 'live';

const way = dumpWay({ kind: 'heap', isLive: ({ live }) => live === LIVE, look: lookAtRoom });
const liveInput: InputField<'server'> = {
  id: 'live',
  type: 'choice',
  title: text('Objects', '객체'),
  flag: { spelling: '--live', help: 'only what is reachable: the JVM makes a full collection first' },
  isRequired: false,
  initial: () => ALL,
  isOpen: false,
  options: async () => [
    { value: ALL, label: ALL, detail: text('garbage too: larger, no collection', '쓰레기 포함, GC 없음') },
    {
      value: LIVE,
      label: LIVE,
      detail: text('only what is reachable: a full collection first', '도달 가능한 것만, 전체 GC 먼저'),
    },
  ],
};

/** The whole heap as a file; the server stands still while it is written. */
export const dumpHeap = defineAction<'server'>({
  id: 'dump-heap',
  command: 'dump',
  subcommand: 'heap',
  kind: 'server',
  effect: 'change',
  key: DUMP_MENU.key,
  menu: DUMP_MENU,
  title: text('heap dump', '힙 덤프'),
  help: text(
    'Writes the whole heap of this server to a file here; the server stands still meanwhile.',
    '이 서버의 힙 전체를 파일로 받습니다. 쓰는 동안 서버가 멈춥니다.',
  ),
  takesMany: false,
  inputs: [liveInput, wayInput('heap'), outInput],
  backEndOf: reachOfDump,
  ways: { kube: way, ecs: way, channel: { ...way, disabledReason: whyNoHeap } },
});
