import type { Job, JobTarget } from '../../domain/job.ts';
import { inLanguage, type Language } from '../../domain/text.ts';
import type { Output } from '../output.ts';

export interface ProgressPrinter {
  /** Prints what is new since it was last shown, on stderr. */
  show(job: Job): void;
}

/** One line whenever a target's step or state changed; stdout stays the result's alone. */
export function createProgressPrinter(output: Output, language: Language): ProgressPrinter {
  const said = new Map<string, string>();
  const lineOf = ({ context, name, state, step, detail, parts }: JobTarget): string | undefined => {
    if (state !== 'running') return undefined;
    const done = parts?.filter((part) => part.state === 'done').length;
    const count = parts === undefined || parts.length === 0 ? '' : ` ${done} of ${parts.length}`;
    const words = [step, detail]
      .flatMap((part) => (part === undefined ? [] : inLanguage(part, language)))
      .filter((part) => part !== '')
      .join(': ');
    const said = `${words}${count}`;
    return said === '' ? undefined : `${context}:${name}: ${said}`;
  };
  return {
    show(job) {
      for (const target of job.targets) {
        const key = `${target.ref.kind} ${target.context} ${target.ref.id}`;
        const line = lineOf(target);
        if (line === undefined || said.get(key) === line) continue;
        said.set(key, line);
        output.warn(line);
      }
    },
  };
}
