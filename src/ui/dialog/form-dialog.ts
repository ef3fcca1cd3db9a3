import type { Text } from '../../domain/text.ts';
import { say } from '../../views/words.ts';
import { type Part, part } from '../kit/styled-line.ts';
import type { Dialog, DialogLine, DialogRoom } from './dialog.ts';
import type { Dialogs } from './dialogs.ts';
import { failureOfThrown } from './failure.ts';
import { createForm, type FormField } from './form.ts';
import { saidLines } from './said-lines.ts';

export interface FormDialogOptions {
  readonly dialogs: Dialogs;
  readonly title: Text;
  readonly facts?: ((room: DialogRoom) => readonly Part[]) | undefined;
  /** Above the fields. */
  readonly lines: readonly Text[];
  readonly fields: readonly FormField[];
  /** What `enter` at the end does, for the hint. */
  readonly verb: Text;
  /** Closes the dialog when it resolves; what it rejects with is shown. `signal` aborts when the dialog is left. */
  readonly submit: (values: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<void>;
}

/** A few fields and one deed of our own: acknowledging, asking for a lift, comparing revisions. */
export function createFormDialog(options: FormDialogOptions): Dialog {
  const { dialogs } = options;
  const ended = new AbortController();
  let state: { readonly name: 'open' | 'busy' } | { readonly name: 'failed'; readonly why: string } = {
    name: 'open',
  };
  const form = createForm({
    fields: options.fields,
    changed: dialogs.changed,
    submit(values) {
      if (state.name === 'busy') return;
      state = { name: 'busy' };
      options.submit(values, ended.signal).then(
        () => dialogs.finish(dialog),
        (thrown: unknown) => {
          state = { name: 'failed', why: failureOfThrown(thrown) };
          dialogs.changed();
        },
      );
    },
  });
  const dialog: Dialog = {
    draw(room) {
      const { settings } = room.world;
      const lead = options.lines.flatMap((words) => saidLines(room, words));
      const { lines, focusLine } = form.lines(room);
      const tail: readonly DialogLine[] =
        state.name === 'busy'
          ? [[part(`${room.spinner} `)]]
          : state.name === 'failed'
            ? saidLines(room, state.why, { role: 'bad', sign: '✖' })
            : [];
      return {
        title: say(settings, options.title),
        facts: options.facts?.(room) ?? [],
        body: [...lead, ...lines, ...tail],
        focusLine: lead.length + focusLine,
        footer: [],
        hint: say(settings, form.hint(options.verb)),
      };
    },
    press: (key) => state.name !== 'busy' && form.press(key),
    paste: (pasted) => form.paste(pasted),
    isWaiting: () => state.name === 'busy' || form.isWaiting(),
    end() {
      ended.abort();
      form.end();
    },
  };
  return dialog;
}
