import type { InputOption } from '../actions/action.ts';
import { DEFAULT_REVISION, type RevisionCheck } from '../actions/template/diff-revisions.ts';
import type { DiffBlock } from '../domain/plan.ts';
import type { Ref } from '../domain/ref.ts';
import type { ServiceCluster } from '../domain/service-cluster.ts';
import { joinWords, type Text, text } from '../domain/text.ts';
import type { Report } from '../store/shell/page.ts';
import { formatBytes, NOT_KNOWN } from '../views/format-number.ts';
import { say } from '../views/words.ts';
import type { Acting } from './acting.ts';
import type { Dialogs } from './dialog/dialogs.ts';
import type { FormField } from './dialog/form.ts';
import { createFormDialog } from './dialog/form-dialog.ts';
import type { Flasher } from './flash.ts';
import type { Screen } from './screen/screen.ts';

export type OpenReport = (report: Report) => void;

export interface TemplateOfferOptions {
  readonly dialogs: Dialogs;
  readonly screen: Screen;
  readonly flasher: Flasher;
  readonly openReport: OpenReport;
}

/** Lines one page holds; a template of thousands of files is read file by file elsewhere. */
const MAX_LINES = 20_000;

/** What a service cluster's row knows of its revisions, and the Manager's default; any other may be typed. */
function knownRevisions({ running, wanted, default: standard }: ServiceCluster): readonly InputOption[] {
  const said = new Map<string, Text[]>();
  const note = (revision: string | undefined, words: Text) => {
    if (revision !== undefined) said.set(revision, [...(said.get(revision) ?? []), words]);
  };
  for (const { revision, servers } of running)
    note(revision, text(`running on ${servers}`, `${servers}개 서버에서 실행 중`));
  for (const revision of wanted) note(revision, text('wanted', '설정됨'));
  note(standard, text('the default', '기본값'));
  return [
    ...Array.from(said, ([value, words]) => ({ value, label: value, detail: joinWords(words, ', ') })),
    {
      value: DEFAULT_REVISION,
      label: DEFAULT_REVISION,
      detail: text('whatever the Manager gives unnamed', '리비전을 지정하지 않으면 Manager가 주는 것'),
    },
  ];
}

function revisionField(
  id: string,
  title: Text,
  known: { readonly options: readonly InputOption[]; readonly initial: string | undefined },
): FormField {
  const { options, initial } = known;
  return { id, title, type: 'choice', isRequired: true, isOpen: true, initial, load: async () => options };
}

/** The summary is the page's title already; its block keeps what else it says. */
const namedOnce = ([summary, ...files]: readonly DiffBlock[]): readonly DiffBlock[] =>
  summary === undefined
    ? []
    : [
        { ...summary, title: files.length === 1 ? '1 file differs' : `${files.length} files differ` },
        ...files,
      ];

/** As many blocks as a page holds, and how many files are not shown. */
function heldBlocks(blocks: readonly DiffBlock[]): readonly DiffBlock[] {
  let lines = 0;
  const fit = blocks.findIndex((block) => {
    lines += block.lines.length + 2;
    return lines > MAX_LINES;
  });
  if (fit === -1) return blocks;
  const left = blocks.length - fit;
  return [...blocks.slice(0, fit), { title: `… ${left} more files`, lines: [] }];
}

/** Reading template revisions of a service cluster: how two differ, and what one is. Nothing is changed. */
export function createTemplateOffers({ dialogs, screen, flasher, openReport }: TemplateOfferOptions) {
  const words = (said: Text): string => say(screen.world().settings, said);
  /** The one service cluster meant, or `undefined` after saying why there is none. */
  const clusterOf = (refs: readonly Ref[]): ServiceCluster | undefined => {
    const [ref] = refs;
    if (refs.length > 1) {
      flasher.show(
        text(
          `Revisions of one service cluster at a time; ${refs.length} are marked`,
          `서비스 클러스터는 한 번에 하나: ${refs.length}개가 표시됨`,
        ),
        'warn',
      );
      return undefined;
    }
    return ref?.kind === 'serviceCluster'
      ? screen.world().context.related.get({ ...ref, kind: ref.kind })
      : undefined;
  };

  const checkBlocks = (check: RevisionCheck): readonly DiffBlock[] => {
    const { otherwise, files, bytes } = check;
    return [
      {
        title: words(text('At the Manager', '매니저에 있음')),
        lines: [
          ` ${words(text('revision', '리비전'))} ${check.revision}`,
          ` ${words(text(`${files} files, ${formatBytes(bytes)}`, `파일 ${files}개, ${formatBytes(bytes)}`))}`,
        ],
      },
      {
        title: words(
          text(
            `Servers that run something else (${otherwise.length})`,
            `다른 리비전을 실행하는 서버 (${otherwise.length})`,
          ),
        ),
        lines: otherwise.map(({ name, running }) => ` ${name}  ${running ?? NOT_KNOWN}`),
      },
    ];
  };

  return {
    'diff-revisions'(gate: Acting, refs: readonly Ref[]): void {
      const cluster = clusterOf(refs);
      if (cluster === undefined) return;
      const options = knownRevisions(cluster);
      const from = cluster.running[0]?.revision ?? cluster.default;
      const to = options.find(({ value }) => value !== from)?.value;
      dialogs.open(
        createFormDialog({
          dialogs,
          title: text(`Compare revisions of ${cluster.name}`, `${cluster.name} 리비전 비교`),
          lines: [],
          fields: [
            revisionField('from', text('From', '이전'), { options, initial: from }),
            revisionField('to', text('To', '이후'), { options, initial: to }),
          ],
          verb: text('compares', '비교'),
          async submit({ from: before = '', to: after = '' }, signal) {
            const diff = await gate.templates.diff(cluster, [before, after], signal);
            if (signal.aborted) return;
            openReport({
              name: `${cluster.name} ${diff.from} → ${diff.to}`,
              title: diff.summary,
              blocks: heldBlocks(namedOnce(diff.blocks)),
            });
          },
        }),
      );
    },
    'check-revision'(gate: Acting, refs: readonly Ref[]): void {
      const cluster = clusterOf(refs);
      if (cluster === undefined) return;
      const options = knownRevisions(cluster);
      dialogs.open(
        createFormDialog({
          dialogs,
          title: text(`Check a revision of ${cluster.name}`, `${cluster.name} 리비전 확인`),
          lines: [],
          fields: [
            revisionField('revision', text('Revision', '리비전'), { options, initial: cluster.wanted[0] }),
          ],
          verb: text('reads it at the Manager', '매니저에서 읽기'),
          async submit({ revision = '' }, signal) {
            const check = await gate.templates.check(cluster, revision, signal);
            if (signal.aborted) return;
            openReport({
              name: `${cluster.name} ${check.revision}`,
              title: text(
                `Template ${check.serviceCluster} ${check.revision}`,
                `템플릿 ${check.serviceCluster} ${check.revision}`,
              ),
              blocks: checkBlocks(check),
            });
          },
        }),
      );
    },
  };
}
