import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** Figures are means of several readings, so a full pool is rarely exactly full. */
const FULL = 0.98;
const BUSY = 0.8;

const shareOf = (used: number | undefined, max: number | undefined): number =>
  used === undefined || max === undefined || max <= 0 ? 0 : used / max;

export const connectorsFull: HealthRule = {
  code: 'connectors-full',
  check({ jvm, name }) {
    let worst: { readonly name: string; readonly share: number; readonly counts: string } | undefined;
    for (const connector of jvm?.connectors ?? []) {
      const share = shareOf(connector.busy, connector.max);
      if (share < BUSY || share <= (worst?.share ?? 0)) continue;
      worst = { name: connector.name, share, counts: `${Math.round(connector.busy ?? 0)}/${connector.max}` };
    }
    if (worst === undefined) return undefined;
    return {
      level: worst.share >= FULL ? 'error' : 'warn',
      text: text(
        `Connector ${worst.name} of ${name} has ${worst.counts} threads busy`,
        `${name}의 커넥터 ${worst.name}: 스레드 ${worst.counts} 사용 중`,
      ),
      next: text(
        'See what the requests wait for: data sources on its page, remote calls, a service dump at its Manager',
        '요청이 무엇을 기다리는지 확인하십시오: 서버 페이지의 데이터소스, 원격 호출, Manager의 서비스 덤프',
      ),
    };
  },
};

export const poolFull: HealthRule = {
  code: 'pool-full',
  check({ jvm, name }) {
    const full = jvm?.dataSources?.find(({ active, max }) => shareOf(active, max) >= FULL);
    if (full === undefined) return undefined;
    return {
      level: 'error',
      text: text(
        `Data source ${full.name} of ${name} has all ${full.max} connections in use`,
        `${name}의 데이터소스 ${full.name}: 연결 ${full.max}개를 모두 사용 중`,
      ),
      next: text(
        'Look for slow SQL or leaked connections; check the database',
        '느린 SQL이나 반환되지 않은 연결을 찾고 데이터베이스를 확인하십시오',
      ),
    };
  },
};
