import type { Command } from 'commander';
import type { CommandRunner } from './command-runner.ts';
import { addActions } from './commands/act.ts';
import { addAdvertise } from './commands/advertise.ts';
import { addAgentKey } from './commands/agent-key.ts';
import { addAnalyze } from './commands/analyze.ts';
import { addAttach } from './commands/attach.ts';
import { addAudit } from './commands/audit.ts';
import { addCollector } from './commands/collector.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addConsole } from './commands/console.ts';
import { addDescribe } from './commands/describe.ts';
import { addDiffRevision } from './commands/diff-revision.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDump } from './commands/dump.ts';
import { addEvents, addGet } from './commands/get.ts';
import { addKeys } from './commands/keys.ts';
import { addVersion } from './commands/version.ts';
import { createRoot } from './root-command.ts';

/** The whole command line; help, completion and the README's list derive from it. */
export function createProgram(run: CommandRunner): Command {
  const program = createRoot();
  addConsole(program, run);
  addGet(program, run);
  addDescribe(program, run);
  addEvents(program, run);
  addActions(program, run);
  addDump(program, run);
  addAdvertise(program, run);
  addAnalyze(program, run);
  addAgentKey(program, run);
  addAttach(program, run);
  addAudit(program, run);
  addDiffRevision(program, run);
  addCollector(program, run);
  addDoctor(program, run);
  addConfig(program, run);
  addKeys(program, run);
  addCompletion(program, run);
  addVersion(program, run);
  return program;
}
