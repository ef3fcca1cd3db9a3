import { text } from '../domain/text.ts';
import type { ConsoleStore } from '../store/state.ts';
import type { Flasher } from './flash.ts';

/** Tells once that an earlier run began something and never said how it ended. */
export function tellUnfinished(store: ConsoleStore, flasher: Flasher): () => void {
  let seenVersion = -1;
  let hasTold = false;
  const look = () => {
    const { audit } = store.state.getState().tables;
    if (hasTold || audit.version === seenVersion) return;
    seenVersion = audit.version;
    let count = 0;
    for (const { result } of audit.rows.values()) if (result === 'unfinished') count++;
    if (count === 0) return;
    hasTold = true;
    flasher.show(
      text(
        `${count} ${count === 1 ? 'action' : 'actions'} of an earlier run never ended: :audit result=unfinished`,
        `이전 실행에서 끝나지 않은 동작 ${count}개: :audit result=unfinished`,
      ),
      'warn',
    );
  };
  look();
  return store.state.subscribe(look);
}
