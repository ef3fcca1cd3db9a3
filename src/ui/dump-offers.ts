import { describeThrown } from '../core/app-error.ts';
import { cleanLine, counted } from '../core/text.ts';
import type { Dump } from '../domain/dump.ts';
import type { Ref } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { analysisOf } from '../views/dumps.view.ts';
import type { Target } from '../views/view.ts';
import type { Acting } from './acting.ts';
import type { Dialogs } from './dialog/dialogs.ts';
import { createQuestion } from './dialog/question-dialog.ts';
import type { Flasher } from './flash.ts';
import type { Screen } from './screen/screen.ts';

export interface DumpOfferOptions {
  readonly dialogs: Dialogs;
  readonly screen: Screen;
  readonly flasher: Flasher;
  readonly openTarget: (target: Target) => void;
  /** Rows went by the user's own deed. */
  readonly leaveRows: (gone: readonly Ref[]) => void;
  /** Puts text on the user's clipboard. */
  readonly copy: (text: string) => void;
}

/** Files named one by one; more are counted. */
const NAMED = 5;
/** Their names make one id, and each is read whole. */
const MOST_TOGETHER = 20;

/** What can be done with the files of dumps: read together, found, thrown away. */
export function createDumpOffers(options: DumpOfferOptions) {
  const { dialogs, screen, flasher, openTarget, leaveRows, copy } = options;
  const dumpsOf = (refs: readonly Ref[]): readonly Dump[] => {
    const { related } = screen.world().context;
    return refs.flatMap((ref) =>
      ref.kind === 'dump' ? (related.get({ ...ref, kind: ref.kind }) ?? []) : [],
    );
  };
  const remove = async (gate: Acting, dumps: readonly Dump[]): Promise<void> => {
    const gone: Ref[] = [];
    try {
      for (const { ref } of dumps) {
        await gate.removeDump(ref);
        gone.push(ref);
      }
      flasher.show(text(`Deleted ${counted(dumps.length, 'dump')}`, `덤프 ${dumps.length}개 삭제함`));
    } catch (thrown) {
      const why = cleanLine(describeThrown(thrown), 300);
      flasher.show(text(`Could not delete: ${why}`, `삭제 실패: ${why}`), 'error');
    }
    leaveRows(gone);
  };
  return {
    'analyze-dumps'(_gate: Acting, refs: readonly Ref[]): void {
      const dumps = dumpsOf(refs);
      const kinds = new Set(dumps.map(({ kind }) => kind));
      const contexts = new Set(dumps.map(({ ref }) => ref.context));
      if (kinds.size > 1 || contexts.size > 1) {
        flasher.show(
          text(
            'Mark dumps of one kind and one context to read them together',
            '함께 분석하려면 같은 종류, 같은 컨텍스트의 덤프를 표시하세요',
          ),
          'warn',
        );
        return;
      }
      if (dumps.length > MOST_TOGETHER) {
        flasher.show(
          text(
            `At most ${MOST_TOGETHER} dumps are read together; ${dumps.length} are marked`,
            `함께 분석은 최대 ${MOST_TOGETHER}개: ${dumps.length}개가 표시됨`,
          ),
          'warn',
        );
        return;
      }
      const analysis = analysisOf(dumps);
      if (analysis !== undefined) openTarget({ view: 'analysis', scope: analysis });
    },
    'copy-dump-path'(_gate: Acting, refs: readonly Ref[]): void {
      const paths = dumpsOf(refs).map(({ path }) => path);
      if (paths.length === 0) return;
      copy(paths.join('\n'));
      const [first = ''] = paths;
      flasher.show(
        paths.length === 1
          ? text(`Copied ${first}`, `복사함: ${first}`)
          : text(`Copied ${paths.length} paths`, `경로 ${paths.length}개 복사함`),
      );
    },
    'delete-dumps'(gate: Acting, refs: readonly Ref[]): void {
      const dumps = dumpsOf(refs);
      const named = dumps.slice(0, NAMED).map(({ ref }) => text(`· ${ref.id}`, `· ${ref.id}`));
      const more = dumps.length - named.length;
      dialogs.open(
        createQuestion({
          dialogs,
          title: text('Delete dumps', '덤프 삭제'),
          lines: [
            text(
              'The files on this machine are deleted for good; the audit keeps that they were taken.',
              '이 머신의 파일을 완전히 삭제합니다. 감사에는 얻은 기록이 남습니다.',
            ),
            ...named,
            ...(more > 0 ? [text(`· and ${more} more`, `· 외 ${more}개`)] : []),
          ],
          no: text('Keep them', '유지'),
          yes: text('Delete', '삭제'),
          onYes() {
            void remove(gate, dumps);
          },
        }),
      );
      dialogs.guard();
    },
  };
}
