import type { Command } from 'commander';
import type { CommandRunner } from '../command-runner.ts';
import { EXIT } from '../exit-code.ts';

interface DeriveOptions {
  readonly master: string;
  readonly out: string;
}

/** `l9s agent-key init|derive`: the keys of agents that dial in; none is ever printed. */
export function addAgentKey(program: Command, run: CommandRunner): void {
  const agentKey = program
    .command('agent-key')
    .description('keys with which agents dial in to be asked for dumps (l9s advertise --dumps)');
  agentKey
    .command('init')
    .description('write a new master key for telemetry.agentKey: keep it where dumps are received')
    .argument('<file>', 'must not be there yet; mode 0600')
    .action((file: string) =>
      run(async (env) => {
        const { writeMasterKey } = await import('../../app/agent-keys.ts');
        writeMasterKey(file);
        env.output.print(`wrote a master key to ${file}; name it in telemetry.agentKey of the receiver`);
        return EXIT.done;
      }),
    );
  agentKey
    .command('derive')
    .description('write the key of one workload’s agents, for advertise --dump-key')
    .argument('<context/workload>', 'e.g. prod/shop/was')
    .requiredOption('--master <file>', 'the master key')
    .requiredOption('--out <file>', 'must not be there yet; mode 0600')
    .action((identity: string, _own: unknown, command: Command) =>
      run(async (env) => {
        const { master, out } = command.optsWithGlobals<DeriveOptions>();
        const { writeDerivedKey } = await import('../../app/agent-keys.ts');
        writeDerivedKey({ identity, master, out });
        env.output.print(`wrote the key of ${identity} to ${out}`);
        return EXIT.done;
      }),
    );
}
