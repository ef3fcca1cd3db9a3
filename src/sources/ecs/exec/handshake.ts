import { listOf, parseObject, recordOf } from '../../../core/json-read.ts';
import { cleanLine } from '../../../core/text.ts';

/** Agents compare it with the first version of a plugin that can do this or that; nothing here asks for more. */
const CLIENT_VERSION = '1.2.0.0';
const STATUS = { success: 1, failed: 2, unsupported: 3 } as const;
const MAX_ACTIONS = 20;

export interface HandshakeAnswer {
  /** For the agent. */
  readonly payload: Buffer;
  /** The agent asks for encryption with a key of KMS, which is nothing we have. */
  readonly isEncrypted: boolean;
}

/** Answers what the agent asks for before it runs the command; `undefined` where it asked for nothing readable. */
export function answerHandshake(request: Buffer): HandshakeAnswer | undefined {
  const asked = parseObject(request.toString('utf8'));
  if (asked === undefined) return undefined;
  const actions = listOf(asked['RequestedClientActions']).slice(0, MAX_ACTIONS).map(processed);
  const errors = actions.flatMap(({ Error: error }) => (error === '' ? [] : [error]));
  return {
    payload: Buffer.from(
      JSON.stringify({ ClientVersion: CLIENT_VERSION, ProcessedClientActions: actions, Errors: errors }),
    ),
    isEncrypted: actions.some(({ ActionType }) => ActionType === 'KMSEncryption'),
  };
}

function processed(entry: unknown) {
  const type = recordOf(entry)['ActionType'];
  const name = typeof type === 'string' ? cleanLine(type, 64) : '';
  const done = (status: number, error: string) => ({
    ActionType: name,
    ActionStatus: status,
    ActionResult: null,
    Error: error,
  });
  if (name === 'SessionType') return done(STATUS.success, '');
  if (name === 'KMSEncryption')
    return done(STATUS.failed, 'Failed to process action KMSEncryption: l9s has no key');
  return done(STATUS.unsupported, `Unsupported action ${name}`);
}
