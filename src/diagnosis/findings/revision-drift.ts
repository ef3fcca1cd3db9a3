import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

export const revisionDrift: FindingRule = {
  code: 'revision-drift',
  check({ server }) {
    const { running, wanted, default: standard } = server.revision;
    const cluster = server.serviceCluster ?? server.name;
    const next = wanted ?? standard;
    if (running !== undefined && next !== undefined && running !== next) {
      return {
        level: 'warn',
        text: text(
          `${server.name} runs revision ${running} of ${cluster}; its next start would bring ${next}`,
          `${server.name}: ${cluster} 리비전 ${running} 실행 중, 다음 시작 시 ${next} 적용`,
        ),
        next: text(
          'Restart it to take the new revision, or set the old one in LENA_CONFIG_TEMPLATE_ID or at the Manager',
          '재시작하여 새 리비전을 적용하거나 LENA_CONFIG_TEMPLATE_ID 또는 Manager에서 리비전을 되돌리십시오',
        ),
      };
    }
    if (wanted === undefined || standard === undefined || wanted === standard) return undefined;
    return {
      level: 'ok',
      text: text(
        `${server.name} is pinned to revision ${wanted} of ${cluster}; the default is ${standard}`,
        `${server.name}: ${cluster} 리비전 ${wanted}에 고정됨, 기본 리비전은 ${standard}`,
      ),
      next: text(
        'Nothing, if the pin is meant; else change LENA_CONFIG_TEMPLATE_ID of its workload',
        '의도한 고정이 아니면 워크로드의 LENA_CONFIG_TEMPLATE_ID를 바꾸십시오',
      ),
    };
  },
};
