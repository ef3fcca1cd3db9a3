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
          'Restart it to take the new revision, or switch the revision back (V)',
          '재시작하여 새 리비전을 적용하거나 리비전을 되돌리십시오(V)',
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
        'Nothing, if the pin is meant; else switch the template revision of its workload (V)',
        '의도한 고정이 아니면 워크로드의 템플릿 리비전을 전환하십시오(V)',
      ),
    };
  },
};
