import { request } from 'node:http';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { localActor } from '../../src/actions/audit/audit-process.ts';
import { createExecutor } from '../../src/actions/executor.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CallRequest, Sent } from '../../src/domain/call.ts';
import {
  callStep,
  draftOf,
  fakeRemote,
  NEVER,
  NORMAL,
  patchAction,
  patchRequest,
  plannedTarget,
  rowsLookup,
  workloadRow,
} from './acting.ts';

/**
 * Acts without end until it is killed: `DIRECTORY PORT`. Every call is one POST to the port, whose path is of this
 * call alone; each target has two.
 */
const [directory = '', port = ''] = process.argv.slice(2);
const rows = ['a', 'b'].map((name) => workloadRow('dev', name));
let round = 0;

const pathOf = (call: CallRequest) => (call.system === 'kube' ? call.path : '/');
const post = (call: CallRequest): Promise<Sent> =>
  new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port, method: 'POST', path: pathOf(call) }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ outcome: 'done', answer: {} }));
    });
    sending.on('error', reject);
    sending.end();
  });

const action = patchAction({
  way: {
    plan: async ({ target }) =>
      draftOf(
        plannedTarget(
          target,
          [1, 2].map((call) =>
            callStep('dev', {
              ...patchRequest('x'),
              path: `/${process.pid}/${round}/${target.name}/${call}`,
            }),
          ),
        ),
      ),
  },
});
const executor = createExecutor({
  actions: [action],
  lookup: rowsLookup(rows),
  openRemote: async () => fakeRemote('dev', { send: post }),
  policy: NORMAL,
  modeOf: () => ({ mode: 'normal', origin: 'default' }),
  isProtected: () => false,
  audit: createAuditLog({ directory, clock: systemClock }),
  actor: localActor(undefined),
  clock: systemClock,
});
for (;;) {
  round++;
  const order = { action, targets: rows.map(({ ref }) => ref), input: {} };
  await (await executor.run(await executor.prepare(order, NEVER), {})).done;
}
