import { text } from '../../domain/text.ts';
import { fullest } from './fullest.ts';
import type { HealthRule } from './health-input.ts';

const busyOf = ({ busy }: { readonly busy?: number | undefined }) => busy;
const activeOf = ({ active }: { readonly active?: number | undefined }) => active;

export const connectorsFull: HealthRule = {
  code: 'connectors-full',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, levels, name }) {
    const worst = fullest(jvm?.connectors, busyOf, levels.connectorWarn);
    if (worst === undefined) return undefined;
    const counts = `${Math.round(worst.used)}/${worst.max}`;
    return {
      level: worst.share >= levels.connectorError ? 'error' : 'warn',
      text: text(
        `Connector ${worst.name} of ${name} has ${counts} threads busy`,
        `${name}의 커넥터 ${worst.name}: 스레드 ${counts} 사용 중`,
      ),
      next: text(
        'See on its JVM page (m) how old the requests are and whether a data source is full: old ones wait for something, young ones are too many',
        'JVM 화면(m)에서 요청의 나이와 데이터소스를 보십시오: 오래된 요청은 무언가를 기다리고, 새 요청뿐이면 너무 많은 것입니다',
      ),
    };
  },
};

export const poolFull: HealthRule = {
  code: 'pool-full',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, levels, name }) {
    const worst = fullest(jvm?.dataSources, activeOf, levels.poolWarn);
    if (worst === undefined) return undefined;
    const used = Math.round(worst.used);
    return {
      level: worst.share >= levels.poolError ? 'error' : 'warn',
      text:
        used >= worst.max
          ? text(
              `Data source ${worst.name} of ${name} has all ${worst.max} connections in use`,
              `${name}의 데이터소스 ${worst.name}: 연결 ${worst.max}개를 모두 사용 중`,
            )
          : text(
              `Data source ${worst.name} of ${name} has ${used} of ${worst.max} connections in use`,
              `${name}의 데이터소스 ${worst.name}: 연결 ${worst.max}개 중 ${used}개 사용 중`,
            ),
      next: text(
        'Look for slow SQL or leaked connections, and on its JVM page (m) whether they are given back when there is less load; check the database',
        '느린 SQL이나 반환되지 않은 연결을 찾고, 부하가 줄 때 반환되는지 JVM 화면(m)에서 보고, 데이터베이스를 확인하십시오',
      ),
    };
  },
};
