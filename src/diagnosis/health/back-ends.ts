import { text } from '../../domain/text.ts';
import { backEndStand } from '../back-end-state.ts';
import { fullest } from './fullest.ts';
import type { HealthRule } from './health-input.ts';

const activeOf = ({ active }: { readonly active?: number | undefined }) => active;

/** Threads of a web server, which its own requests take. */
export const webThreadsFull: HealthRule = {
  code: 'web-threads-full',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, levels, name }) {
    const { activeThreads: active, maxThreads: max } = jvm?.web ?? {};
    const full = fullest([{ name, active, max }], activeOf, levels.connectorWarn);
    if (full === undefined) return undefined;
    const counts = `${Math.round(full.used)}/${full.max}`;
    return {
      level: full.share >= levels.connectorError ? 'error' : 'warn',
      text: text(`${name} has ${counts} threads busy`, `${name}: 스레드 ${counts} 사용 중`),
      next: text(
        'See among its back ends (:web, enter) whether one is slow or down: requests wait here for it; else it has too few threads for the load',
        '백엔드(:web, enter)에 느리거나 내려간 것이 있는지 보십시오: 요청이 여기서 그것을 기다립니다. 없으면 부하에 비해 스레드가 적습니다',
      ),
    };
  },
};

/** Connections of a web server to one back end. */
export const workersFull: HealthRule = {
  code: 'workers-full',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, levels, name }) {
    const worst = fullest(jvm?.web?.workers, activeOf, levels.connectorWarn);
    if (worst === undefined) return undefined;
    const counts = `${Math.round(worst.used)}/${worst.max}`;
    return {
      level: worst.share >= levels.connectorError ? 'error' : 'warn',
      text: text(
        `Back end ${worst.name} of ${name} has ${counts} connections in use`,
        `${name}의 백엔드 ${worst.name}: 연결 ${counts} 사용 중`,
      ),
      next: text(
        'See on that back end’s JVM page (m) how old its requests are and whether its connector is full; with others idle look at how the load is spread',
        '그 백엔드의 JVM 화면(m)에서 요청의 나이와 커넥터를 보고, 다른 백엔드가 한가하면 부하 분산을 확인하십시오',
      ),
    };
  },
};

/** Back ends a web server gives no requests; one that somebody took out counts only where none is left. */
export const workerDown: HealthRule = {
  code: 'worker-down',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, levels, name }) {
    const workers = jvm?.web?.workers ?? [];
    const broken: string[] = [];
    let out = 0;
    for (const worker of workers) {
      const stand = backEndStand(worker.state);
      if (stand === 'broken') broken.push(worker.name);
      if (stand === 'broken' || stand === 'held') out++;
    }
    const isAllOut = out > 0 && out / workers.length >= levels.connectorError;
    if (broken.length === 0 && !isAllOut) return undefined;
    const [first] = broken;
    return {
      level: isAllOut ? 'error' : 'warn',
      text:
        broken.length === 1 && out === 1 && workers.length > 1
          ? text(
              `Back end ${first} of ${name} is down (1 of ${workers.length})`,
              `${name}의 백엔드 ${first} 중단(${workers.length}개 중 1개)`,
            )
          : text(
              `${out} of ${workers.length} back ends of ${name} get no requests`,
              `${name}의 백엔드 ${workers.length}개 중 ${out}개가 요청을 받지 않음`,
            ),
      next: text(
        'Look at those servers (:servers) and at the way to them; of what was taken out on purpose put back enough',
        '해당 서버(:servers)와 연결 경로를 보고, 일부러 뺀 백엔드는 필요한 만큼 다시 넣으십시오',
      ),
    };
  },
};
