import { ACTIONS } from '../actions/index.ts';
import { PROBE_ACTION } from '../actions/probe-gate.ts';
import type { RuleWords } from '../config/check-rules.ts';

/** What rules may name: actions by id or command, and kinds of targets as plans name them. */
export const RULE_WORDS: RuleWords = {
  actions: [...new Set([...ACTIONS.flatMap(({ id, command }) => [id, command]), PROBE_ACTION])],
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'EcsService', 'Pod', 'Task', 'Server'],
};
