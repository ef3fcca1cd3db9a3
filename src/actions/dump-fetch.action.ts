import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { outInput } from './dump/dump-inputs.ts';
import { DUMP_MENU } from './dump/dump-menu.ts';
import { fetchWay, fileOptions, whyNotFetched } from './dump/fetch-file.ts';
import { reachOfDump } from './dump/reach.ts';

/** A dump the middleware wrote itself, copied here. */
export const dumpFetch = defineAction<'server'>({
  id: 'dump-fetch',
  command: 'dump',
  subcommand: 'fetch',
  kind: 'server',
  effect: 'diagnose',
  key: DUMP_MENU.key,
  menu: DUMP_MENU,
  title: text('fetch a dump file', '덤프 파일 가져오기'),
  help: text(
    'Copies a dump that this LENA server wrote itself from its dump directory.',
    '이 LENA 서버가 직접 기록한 덤프를 덤프 디렉터리에서 복사합니다.',
  ),
  takesMany: false,
  inputs: [
    {
      id: 'file',
      type: 'choice',
      title: text('File', '파일'),
      flag: { spelling: '--file <path>', help: 'path on the server' },
      isRequired: true,
      isOpen: false,
      options: fileOptions,
    },
    outInput,
  ],
  backEndOf: reachOfDump,
  ways: { kube: fetchWay, ecs: fetchWay, channel: { ...fetchWay, disabledReason: whyNotFetched } },
});
