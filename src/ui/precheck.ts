import type { Clock } from '../core/clock.ts';
import { refKey } from '../domain/ref.ts';
import type { Acting } from './acting.ts';
import type { Screen } from './screen/screen.ts';
import { isActionRef } from './verb-targets.ts';

/** A cursor that rests this long is worth asking about. */
const REST_MS = 300;

/** Asks ahead what may be done to the row the cursor rests on, so that keys dim with the reason. */
export function watchCursor(
  acting: Acting,
  { screen, clock }: { readonly screen: Screen; readonly clock: Clock },
): () => void {
  let asked = '';
  let cancel: (() => void) | undefined;
  const look = () => {
    const ref = screen.actingRef();
    const key = ref === undefined ? '' : `${ref.kind}\n${refKey(ref)}`;
    if (key === asked) return;
    asked = key;
    cancel?.();
    if (ref === undefined || !isActionRef(ref)) return;
    cancel = clock.after(REST_MS, () => {
      for (const action of acting.executor.actions) {
        if (action.kind === ref.kind) acting.executor.precheck(action, ref, screen.invalidate);
      }
    });
  };
  const stop = screen.subscribe(look);
  look();
  return () => {
    stop();
    cancel?.();
  };
}
